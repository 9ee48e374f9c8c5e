import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDefinition } from '../../definition/document.ts';
import { readDefinition } from '../../definition/find.ts';
import { checkDefinition } from '../../definition/load.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { codeText } from '../../render/code-text.ts';
import { SYSTEM_SCHEMAS } from '../../systems/all.ts';
import type { Context } from '../context.ts';
import { type Made, writeAll } from './files.ts';
import { withEntry } from './new-entry.ts';

export interface TopicWanted {
  name: string;
  key: 'task' | 'user';
  partitions: number;
  /** Like 7d. */
  retention: string;
}

const CONTRACTS = 'services/contracts/names.ts';
const TOPICS_END = /(export const TOPICS = \{(\r?\n)(?: {2}.*\r?\n)*)(\} as const)/;

/**
 * Adds a topic to todoctl.yaml, and its name to the contracts that the services share, where these are.
 * Errors: TODOCTL_NAME_TAKEN, TODOCTL_DEFINITION_*.
 */
export async function generateTopic(context: Pick<Context, 'cwd'>, { name, ...topic }: TopicWanted): Promise<Made> {
  const source = await readDefinition(context.cwd);
  const before = checkDefinition(source, parseDefinition(source.text), SYSTEM_SCHEMAS);
  if (Object.hasOwn(before.topics, name)) throw new TodoctlError('TODOCTL_NAME_TAKEN', { message: `There is a topic ${name} already` });
  const text = withEntry(source, 'topics', name, topic);
  const contracts = await readFile(path.join(source.root, CONTRACTS), 'utf8').catch(() => '');
  const named = contracts.replace(TOPICS_END, (_all, head: string, lineEnd: string, end: string) => `${head}  ${property(name)}: { key: ${codeText(topic.key)} },${lineEnd}${end}`);
  const files = [...(named === contracts ? [] : [{ path: CONTRACTS, text: named }]), { path: path.basename(source.file), text }];
  return writeAll(source.root, files);
}

function property(name: string): string {
  return /^[a-z]+$/.test(name) ? name : codeText(name);
}
