// One of the programs of scripted-programs.ts, started as `node scripted-program.ts FOLDER NAME ARGUMENTS…`.
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Call } from './scripted-programs.ts';

interface Kept {
  Os: string;
  Architecture: string;
  Config: { Labels: Record<string, string> };
}

const [folder = '', program = '', ...args] = process.argv.slice(2);
const line = args.join(' ');
const read = <T>(file: string, otherwise: T): T => (existsSync(path.join(folder, file)) ? (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as T) : otherwise);
const images = read<Record<string, Kept>>(`images-${program}.json`, {});
/** Values of an option, in either of the ways in which it may be given. */
const all = (option: string): string[] => args.flatMap((arg, index) => (args[index - 1] === option ? [arg] : []));
const context = program === 'buildctl' ? all('--local').find((one) => one.startsWith('context='))?.slice('context='.length) : args.at(-1);

const configFile = path.join(process.env['DOCKER_CONFIG'] ?? '/nowhere', 'config.json');
const config = existsSync(configFile) ? readFileSync(configFile, 'utf8') : undefined;
const files = args[0] === 'build' && context !== undefined ? readdirSync(context, { recursive: true, encoding: 'utf8' }).sort() : undefined;
const call: Call = { program, args, env: process.env as Record<string, string>, ...(config === undefined ? {} : { config }), ...(files === undefined ? {} : { files }) };
appendFileSync(path.join(folder, 'calls'), `${JSON.stringify(call)}\n`);

const { pattern, words } = read<{ pattern?: string; words?: string }>('fails.json', {});
if (pattern !== undefined && new RegExp(pattern).test(line)) end((words ?? '').replaceAll('$CONFIG', config ?? ''));

switch (program === 'trivy' ? 'trivy' : args[0]) {
  case 'version':
  case 'info':
  case 'debug':
    console.log('1.0');
    break;
  case 'context':
    console.log('unix:///run/scripted.sock');
    break;
  case 'trivy':
    console.log(JSON.stringify(read('report.json', { Results: [] })));
    break;
  case 'image': {
    const found = images[args.at(-1) ?? ''];
    if (!found) end(`Error: No such image: ${args.at(-1)}`);
    console.log(JSON.stringify(found));
    break;
  }
  case 'login':
    writeFileSync(path.join(folder, 'login'), readFileSync(0, 'utf8'));
    break;
  case 'build':
    await build();
    break;
  case 'push':
    await send(args.at(-1) ?? '', program === 'podman' ? all('--authfile')[0] : undefined);
    break;
  default:
    end(`${program}: unknown command ${line}`);
}

async function build(): Promise<void> {
  const given = program === 'buildctl' ? all('--opt') : [];
  const labels = program === 'buildctl' ? given.filter((one) => one.startsWith('label:')).map((one) => one.slice('label:'.length)) : all('--label');
  const platform = program === 'buildctl' ? given.find((one) => one.startsWith('platform='))?.slice('platform='.length) : all('--platform')[0];
  const output = all('--output')[0] ?? '';
  const reference = program === 'buildctl' ? (/"name=([^"]+)"/.exec(output)?.[1] ?? '') : (all('--tag')[0] ?? '');
  const [Os = '', Architecture = ''] = (platform ?? '').split('/');
  images[reference] = { Os, Architecture, Config: { Labels: Object.fromEntries(labels.map((label) => label.split(/=(.*)/s).slice(0, 2) as [string, string])) } };
  writeFileSync(path.join(folder, `images-${program}.json`), JSON.stringify(images));
  console.error('Step 1/7 : FROM scratch AS app');
  if (output.includes('push=true')) await send(reference);
}

/** What a push comes to: the manifest, by whoever the configuration says one is. */
async function send(reference: string, authfile = configFile): Promise<void> {
  const [, server = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(reference) ?? [];
  const { auths = {} } = JSON.parse(readFileSync(authfile, 'utf8')) as { auths?: Record<string, { auth: string }> };
  const answer = await fetch(`http://${server}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT', headers: { authorization: `Basic ${auths[server]?.auth ?? ''}`, 'content-type': 'application/vnd.oci.image.manifest.v1+json' }, body: JSON.stringify(images[reference]),
  });
  if (!answer.ok) end(`denied: ${answer.status}`);
  console.log('Pushed');
}

function end(why: string): never {
  console.error(why);
  process.exit(1);
}
