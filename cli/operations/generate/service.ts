import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkDefinition } from '../../definition/load.ts';
import { parseDefinition } from '../../definition/document.ts';
import { readDefinition } from '../../definition/find.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { openTemplates } from '../../render/templates.ts';
import { SYSTEM_SCHEMAS } from '../../systems/all.ts';
import type { Context } from '../context.ts';
import { type Made, writeAll } from './files.ts';
import { withEntry } from './new-entry.ts';

/** A service that is to be, in the words of todoctl.yaml. */
export interface ServiceWanted {
  name: string;
  route?: string | undefined;
  publishes: readonly string[];
  subscribes: readonly string[];
  listens: readonly string[];
  invokes: readonly string[];
  database: boolean;
  state: boolean;
}

/**
 * Makes a service that runs: its code on services/kit, its test, and its entry in todoctl.yaml, which keeps its comments and its order.
 * The entry comes last, so that an interrupted run leaves a definition whose services all exist.
 * Errors: TODOCTL_NAME_TAKEN, TODOCTL_KIT_MISSING, TODOCTL_DEFINITION_* for arrows to what is not declared.
 */
export async function generateService(context: Pick<Context, 'cwd'>, wanted: ServiceWanted): Promise<Made> {
  const source = await readDefinition(context.cwd);
  const before = checkDefinition(source, parseDefinition(source.text), SYSTEM_SCHEMAS);
  const folder = `services/${wanted.name}`;
  if (Object.hasOwn(before.services, wanted.name) || existsSync(path.join(source.root, folder))) {
    throw new TodoctlError('TODOCTL_NAME_TAKEN', { message: `There is a service ${wanted.name} already` });
  }
  if (!existsSync(path.join(source.root, 'services/kit/service.ts'))) throw new TodoctlError('TODOCTL_KIT_MISSING', { message: `${source.root} has no services/kit` });

  const text = withEntry(source, 'services', wanted.name, entryOf(wanted));
  const templates = openTemplates();
  const view = viewOf(wanted);
  const test = `test/services/${wanted.name}/${wanted.name}${wanted.database ? '.local' : ''}.test.ts`;
  const files = [
    { path: `${folder}/main.ts`, text: templates.fill('service/main.ts.hbs', view) },
    { path: `${folder}/service.ts`, text: templates.fill('service/service.ts.hbs', view) },
    ...(wanted.database ? [{ path: `${folder}/migrations.ts`, text: templates.fill('service/migrations.ts.hbs', view) }] : []),
    ...(existsSync(path.join(source.root, 'test/services/support')) ? [{ path: test, text: templates.fill('service/service.test.ts.hbs', view) }] : []),
    { path: path.basename(source.file), text },
  ];
  return writeAll(source.root, files);
}

/** What is not the default, in the order of the definition's other entries. */
function entryOf({ route, publishes, subscribes, listens, invokes, database, state }: ServiceWanted): object {
  const entry = { route, publishes, subscribes, listens, invokes, database, state };
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false)));
}

function viewOf({ name, route, subscribes, listens, database }: ServiceWanted): object {
  const identifier = name.replaceAll(/-(.)/g, (_dash, letter: string) => letter.toUpperCase());
  const consumes = subscribes.length + listens.length > 0;
  return {
    service: name,
    name: RESERVED.test(identifier) ? `${identifier}Service` : identifier,
    topics: [...subscribes, ...listens],
    consumes,
    database,
    // A service that consumes nothing and has no route of its own still says who it is.
    answers: route !== undefined || !consumes,
    path: route ?? '/about',
    metric: `${name.replaceAll('-', '_')}_events_total`,
    migration: `${name.replaceAll('-', '_')}_1_tasks`,
  };
}

/** Words that cannot name a function, or that the file uses already. */
const RESERVED = /^(?:break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|let|new|null|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|await|run|test|expect|consume|deliver|event|headers|dapr|about|ok|z|postgres|running|migrations|sample)$/;
