import * as z from 'zod';
import { definitionWith } from '../../cli/definition/schema.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';

/** docs/todoctl.schema.json: what an editor checks todoctl.yaml with while one types. */
export function jsonSchema(): string {
  const schema = z.toJSONSchema(definitionWith(SYSTEM_SCHEMAS), { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'todoctl.yaml', description: 'Made by `npm run docs` from cli/definition/schema.ts; do not edit.', ...schema }, null, 2)}\n`;
}
