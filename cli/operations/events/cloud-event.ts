import { TodoctlError } from '../../errors/todoctl-error.ts';

export interface EventInput {
  /** JSON text: a whole CloudEvent, or data to be wrapped into one. */
  text: string;
  type?: string | undefined;
  /** For an event that says none itself. */
  subject?: string | undefined;
}

export interface Made {
  now: number;
  id: string;
}

const SOURCE = 'todo/todoctl';
const MAJOR = /\.v\d+$/;

/**
 * A CloudEvent 1.0 from what was typed: a JSON object with `specversion` is one already (missing id, time and source are
 * filled in), anything else becomes its `data` and needs a type. Throws TODOCTL_EVENT_INVALID.
 */
export function cloudEventOf({ text, type, subject }: EventInput, made: Made): Record<string, unknown> {
  const given = parse(text);
  const event = isObject(given) && 'specversion' in given ? given : { data: given };
  if (event['specversion'] !== undefined && event['specversion'] !== '1.0') throw invalid(`specversion is ${JSON.stringify(event['specversion'])}; "1.0" is wanted`);
  const chosen = type ?? event['type'];
  if (typeof chosen !== 'string' || chosen === '') throw invalid('it has no type; give --type');
  if (!MAJOR.test(chosen)) throw invalid(`type ${chosen} does not end with its major version, like task.created.v1`);
  for (const name of ['id', 'source'] as const) {
    if (event[name] !== undefined && (typeof event[name] !== 'string' || event[name] === '')) throw invalid(`${name} is no text`);
  }
  return {
    id: made.id,
    source: SOURCE,
    time: new Date(made.now).toISOString(),
    datacontenttype: 'application/json',
    ...event,
    specversion: '1.0',
    type: chosen,
    ...(subject === undefined || event['subject'] !== undefined ? {} : { subject }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`the data is not JSON: ${(error as Error).message}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(why: string): TodoctlError {
  return new TodoctlError('TODOCTL_EVENT_INVALID', { message: `This event cannot be published: ${why}` });
}
