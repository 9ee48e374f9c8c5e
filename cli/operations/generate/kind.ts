import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseDefinition } from '../../definition/document.ts';
import { readDefinition } from '../../definition/find.ts';
import { checkDefinition, loadPlatform } from '../../definition/load.ts';
import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { filesUnder } from '../../images/files-under.ts';
import { diagram } from '../../render/diagram.ts';
import type { Rendered } from '../../render/rendered.ts';
import { type Identified, kustomize } from '../../render/kustomize.ts';
import { openTemplates, packagedFolder } from '../../render/templates.ts';
import { workflows } from '../../render/workflows.ts';
import { SYSTEM_SCHEMAS } from '../../systems/all.ts';
import type { Context } from '../context.ts';
import { loadRendered } from '../render/load.ts';
import { type Made, type MadeFile, refuseForeign, writeAll } from './files.ts';

/** What can be made on its own; services and topics have commands of their own. */
export const KINDS = ['component', 'chart', 'workflow', 'terraform', 'compose', 'kustomize', 'diagram'] as const;
export type Kind = (typeof KINDS)[number];

export interface KindWanted {
  kind: Kind;
  /** One component, by its name. */
  name?: string | undefined;
}

/** The files of one kind. Errors: TODOCTL_DEFINITION_*, TODOCTL_NOTHING_TO_GENERATE, TODOCTL_TEMPLATE_BROKEN, TODOCTL_USAGE. */
export async function generateKind(context: Context, wanted: KindWanted): Promise<MadeFile[]> {
  const { kind, name } = wanted;
  if (name !== undefined && kind !== 'component') throw new TodoctlError('TODOCTL_USAGE', { message: `Only a component is made by its name; ${kind} takes no ${name}`, next: [`Leave ${name} out.`] });
  const files = await MAKERS[wanted.kind](context, wanted);
  if (files.length > 0) return files;
  throw new TodoctlError('TODOCTL_NOTHING_TO_GENERATE', { message: `The environment ${context.environment} has no ${wanted.kind}` });
}

/** Writes the files of one kind below a folder. Errors besides: TODOCTL_FILE_NOT_OURS. */
export async function writeKind(context: Context, wanted: KindWanted, out: string): Promise<Made> {
  const files = await generateKind(context, wanted);
  const root = path.resolve(context.cwd, out);
  await refuseForeign(root, files);
  return writeAll(root, files);
}

const MAKERS: Readonly<Record<Kind, (context: Context, wanted: KindWanted) => Promise<MadeFile[]>>> = {
  component: components,
  chart,
  workflow: workflowFiles,
  terraform: async (context) => ofSystem((await loadRendered(context)).files, 'terraform'),
  compose: async (context) => ofSystem((await loadRendered(context)).files, 'compose'),
  kustomize: kustomizeFiles,
  diagram: async ({ cwd, environment, env }) => [{ path: 'diagram.mmd', text: diagram(await loadPlatform({ cwd, environment, env, systems: SYSTEM_SCHEMAS })) }],
};

function ofSystem(files: readonly Rendered[], id: string): MadeFile[] {
  return files.filter(({ system }) => system === id);
}

async function components(context: Context, { name }: KindWanted): Promise<MadeFile[]> {
  const { files } = await loadRendered(context);
  const found = ofSystem(files, 'dapr').filter((file) => path.basename(file.path).startsWith('component-')).map((file) => ({ path: path.basename(file.path), text: file.text }));
  if (name === undefined) return found;
  const names = found.map((file) => file.path.slice('component-'.length, -'.yaml'.length));
  const one = found[names.indexOf(name)];
  if (one) return [one];
  const close = nearest(name, names);
  throw new TodoctlError('TODOCTL_NOTHING_TO_GENERATE', {
    message: `The environment ${context.environment} has no component ${name}`,
    details: [`it has ${names.join(', ')}`],
    ...(close === undefined ? {} : { next: [`Did you mean ${close}?`] }),
  });
}

/** The chart as it lies in the package, and the values that make it this environment. */
async function chart(context: Context): Promise<MadeFile[]> {
  const { platform, files } = await loadRendered(context);
  const values = files.find((file) => file.system === 'app' && file.path.endsWith('.values.yaml'));
  if (!values) return [];
  const folder = path.join(packagedFolder('charts'), 'todo');
  const parts = (await filesUnder(folder)).map((file) => path.relative(folder, file));
  const texts = await Promise.all(parts.map(async (part) => ({ path: `todo/${part}`, text: await readFile(path.join(folder, part), 'utf8') })));
  return [...texts, { path: `${platform.environment.name}.values.yaml`, text: values.text }];
}

async function workflowFiles({ cwd }: Context): Promise<MadeFile[]> {
  const { environments, file } = await clusters(cwd);
  return workflows(environments, file, openTemplates());
}

/** A base and overlays of all environments in clusters, whichever is asked for: what they share cannot be seen in one. */
async function kustomizeFiles(context: Context): Promise<MadeFile[]> {
  const { environments, file } = await clusters(context.cwd);
  const rendered = await Promise.all(environments.map(async ({ name }) => ({ name, objects: objectsOf((await loadRendered({ ...context, environment: name })).files) })));
  const header = `# Made by todoctl from ${file} (environments ${environments.map(({ name }) => name).join(', ')}); generating writes it anew.\n`;
  return kustomize(rendered).map(({ path: made, text }) => ({ path: made, text: `${header}${text}` }));
}

function objectsOf(files: readonly Rendered[]): Identified[] {
  return files.filter(({ owner }) => owner !== 'file').flatMap(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as Identified));
}

async function clusters(cwd: string): Promise<{ environments: { name: string; protected: boolean }[]; file: string }> {
  const source = await readDefinition(cwd);
  const { environments } = checkDefinition(source, parseDefinition(source.text), SYSTEM_SCHEMAS);
  const all = Object.entries(environments).filter(([, { provider }]) => provider !== 'local');
  return { environments: all.map(([name, environment]) => ({ name, protected: environment.protected })), file: path.basename(source.file) };
}
