import type { Io } from '../../io/io.ts';
import type { CleanResult } from '../../operations/registry/clean.ts';
import type { CreateResult } from '../../operations/registry/create.ts';
import type { DeleteResult } from '../../operations/registry/delete.ts';
import type { LoginResult } from '../../operations/registry/login.ts';
import type { ShowResult } from '../../operations/registry/show.ts';
import type { RegistryState, StoredTag } from '../../providers/registry-keeper.ts';
import { palette } from '../../ui/palette.ts';

type Look = Pick<Io, 'colour'>;
const MOST = 12;

export function createText({ name, server, dryRun, created }: CreateResult, io: Look): string {
  const { good, warn } = palette(io);
  if (!created) return `${good('There')}  registry ${name} at ${server}\n`;
  return `${dryRun ? warn('Would make') : good('Made')}  registry ${name} at ${server}\n`;
}

export function showText({ name, region, server, ours, bytes, plan, cleaning, tags }: ShowResult, io: Look): string {
  const { bold, warn, dim } = palette(io);
  return lines(
    `${bold(name)}  ${server}/${name} in ${region}${ours ? '' : dim(', not made by todoctl')}`,
    `Plan    ${plan ? `${plan.name}, $${plan.monthly.toFixed(2)} a month` : 'not known'}`,
    `Stored  ${mebibytes(bytes)}${plan ? ` of ${mebibytes(plan.bytes)}` : ''}, ${tags.length === 1 ? '1 tag' : `${tags.length} tags`}`,
    ...(cleaning === undefined ? [] : [`${warn('Clean')}   ${cleaning}; nothing can be pushed until it has ended`]),
  );
}

export function loginText({ server, access, until, config }: LoginResult, io: Look): string {
  const { good, code } = palette(io);
  return lines(`${good('Signed in')}  to ${server}, to ${access}, until ${until}`, ...(config === undefined ? [] : [`Use it with ${code(`DOCKER_CONFIG=${config}`)}`]));
}

export function cleanText({ name, dryRun, removed, kept }: CleanResult, io: Look): string {
  const { good, warn } = palette(io);
  if (removed.length === 0) return `${good('Nothing')} of ${name} is unused; ${staying(kept)}\n`;
  return lines(`${dryRun ? warn('Would delete') : good('Deleted')}  ${count(removed)} of ${name}; ${staying(kept)}`, ...named(removed));
}

/** What will be deleted, as the question shows it. */
export function cleanQuestion(unused: readonly StoredTag[]): string {
  return lines(`This deletes ${count(unused)} that no environment uses, and nothing can be pushed meanwhile:`, ...named(unused));
}

export function deleteText({ name, dryRun, deleted }: DeleteResult, io: Look): string {
  const { good, warn } = palette(io);
  if (!deleted) return `${good('Gone')}  there is no registry ${name}\n`;
  return `${dryRun ? warn('Would delete') : good('Deleted')}  registry ${name} with all its images\n`;
}

export function deleteQuestion({ name, bytes }: RegistryState): string {
  return `This deletes the registry ${name} with all images of all environments, ${mebibytes(bytes)}.\n`;
}

function named(tags: readonly StoredTag[]): string[] {
  const more = tags.length - MOST;
  return [...tags.slice(0, MOST).map(({ tag, updated, bytes }) => `  ${tag}  ${updated.slice(0, 10)}  ${mebibytes(bytes)}`), ...(more > 0 ? [`  and ${more} more`] : [])];
}

function count(tags: readonly StoredTag[]): string {
  return tags.length === 1 ? '1 tag' : `${tags.length} tags`;
}

function staying(tags: readonly StoredTag[]): string {
  return `${count(tags)} ${tags.length === 1 ? 'stays' : 'stay'}`;
}

function mebibytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}
