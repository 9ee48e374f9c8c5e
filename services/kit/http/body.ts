import type { IncomingMessage } from 'node:http';
import { Problem, badRequest, fieldErrors, unprocessable, type FieldError } from './problem.ts';
import type { Schema } from './route.ts';

const JSON_TYPE = /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i;
// A quick look before a walk: the escapes of NUL and of surrogates, which jsonb refuses unless they come in pairs.
const SUSPECT = /\\u0000|\\ud[89a-f]|\0/i;
// A walk into what is made to be deep would end in a stack overflow, and so in a 500.
const DEEPEST = 100;

/** Reads a body of at most `limit` bytes; Problem 413 as soon as it is known to be longer. */
export async function readBytes(message: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = (): Problem => new Problem(413, `The body is larger than ${limit} bytes.`, { headers: { connection: 'close' } });
  if (Number(message.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Left early, the message must live on: the answer goes out on its connection.
    for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, 'The body ended too early.', { cause: error });
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** Problem 415 unless the content type is JSON (application/json or …+json). */
export function requireJson(message: IncomingMessage): void {
  if (!JSON_TYPE.test(message.headers['content-type'] ?? '')) {
    throw new Problem(415, 'Send JSON, with content-type: application/json.', { headers: { accept: 'application/json' } });
  }
}

/** The bytes as JSON. Problems: 400 when they are no UTF-8 or no JSON, 422 for text that PostgreSQL cannot hold. */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('The body is not UTF-8.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Problem(400, 'The body is not JSON.', { cause: error });
  }
  if (SUSPECT.test(text)) {
    const errors = [...unstorable(value, '')];
    if (errors.length > 0) throw unprocessable(errors);
  }
  return value;
}

/** The value as the schema makes it; Problem 422 that names each wrong field. */
export function fit<T>(schema: Schema<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw unprocessable(fieldErrors(result.error.issues));
}

function* unstorable(value: unknown, pointer: string, depth = 0): Generator<FieldError> {
  if (depth > DEEPEST) {
    yield { pointer: '', detail: `It is nested deeper than ${DEEPEST} levels.` };
  } else if (typeof value === 'string') {
    if (value.includes('\0')) yield { pointer, detail: 'It holds a NUL character.' };
    if (!value.isWellFormed()) yield { pointer, detail: 'It holds half of a surrogate pair, which is no character.' };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (key.includes('\0') || !key.isWellFormed()) yield { pointer: pointer || '/', detail: 'A field name holds a character that cannot be stored.' };
      else yield* unstorable(inner, at, depth + 1);
    }
  }
}
