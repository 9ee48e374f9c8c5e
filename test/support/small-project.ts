// A project that is small and whole: two services that can be bundled, for commands that need nothing more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PACKAGE } from './platform.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface Said {
  exit: number | null;
  stdout: string;
  stderr: string;
}

export interface SmallProject {
  folder: string;
  write(file: string, text: string): Promise<void>;
  /** Runs the command line from its sources, without a terminal; paths of the project are written /project. */
  todoctl(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Said>;
}

const FILES = {
  'services/hello/main.ts': "import { greet } from '../kit/greet.ts';\nconsole.log(greet('hello'));\n",
  'services/web/main.ts': "import { greet } from '../kit/greet.ts';\nconsole.log(greet('web'));\n",
  'services/web/public/index.html': '<h1>web</h1>\n',
  'services/kit/greet.ts': 'export const greet = (name: string): string => `here is ${name}`;\n',
  'services/Dockerfile': 'ARG BASE=127.0.0.1:1/node:26\nFROM ${BASE}\n',
  'services/start.js': '// starts\n',
  'package-lock.json': '{}\n',
};

/** `environments` stand in todoctl.yaml beside `local`. */
export async function smallProject(environments: object): Promise<SmallProject> {
  const folder = await temporaryFolder();
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  };
  const definition = { platform: 'todo', topics: {}, services: { hello: {}, web: { route: '/' } }, environments: { local: { provider: 'local' }, ...environments } };
  for (const [file, text] of Object.entries({ ...FILES, 'todoctl.yaml': JSON.stringify(definition) })) await write(file, text);
  return {
    folder,
    write,
    async todoctl(args, env = {}) {
      const child = spawn(process.execPath, [path.join(PACKAGE, 'bin/dev.js'), ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/nowhere', HOME: path.join(folder, 'home'), TZ: 'UTC', ...env } });
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
      const [exit] = (await once(child, 'close')) as [number | null];
      const told = (text: string): string => text.replaceAll(folder, '/project');
      return { exit, stdout: told(said.stdout), stderr: told(said.stderr) };
    },
  };
}
