import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { TodoctlError } from '../../errors/todoctl-error.ts';

/** More than any broker takes in one record. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The text of a file, or of stdin for `-`. Throws TODOCTL_EVENT_INVALID when it cannot be read or is larger than a record can be. */
export async function eventText(file: string, from: { cwd: string; stdin: Readable }): Promise<string> {
  if (file === '-') return collect(from.stdin, 'stdin');
  try {
    await using handle = await open(path.resolve(from.cwd, file));
    return await collect(handle.createReadStream({ autoClose: false }), file);
  } catch (error) {
    if (error instanceof TodoctlError) throw error;
    throw invalid(`${file} cannot be read: ${(error as Error).message}`);
  }
}

async function collect(stream: Readable, name: string): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > MOST_BYTES) throw invalid(`${name} is larger than ${MOST_BYTES} bytes`);
  }
  return Buffer.concat(parts).toString();
}

function invalid(why: string): TodoctlError {
  return new TodoctlError('TODOCTL_EVENT_INVALID', { message: `This event cannot be published: ${why}` });
}
