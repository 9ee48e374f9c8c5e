import type { Io } from '../../io/io.ts';
import type { BuildResult } from '../../operations/images/build.ts';
import type { ListResult } from '../../operations/images/list.ts';
import type { PushResult } from '../../operations/images/push.ts';
import type { ScanResult } from '../../operations/images/scan.ts';
import { palette } from '../../ui/palette.ts';
import { environmentFlag } from '../deploy.ts';

type Look = Pick<Io, 'colour'>;

/** What was built, of what, and what comes next. */
export function buildText({ environment, dryRun, reference, there, image }: BuildResult, io: Look): string {
  const { good, warn, code, dim } = palette(io);
  if (there === 'registry') return `${good('There')}  ${reference} is in the registry; nothing had to be built\n`;
  if (dryRun || !image) return `${warn('Would build')}  ${reference}, unless this machine has it\n`;
  return lines(
    there === 'machine' ? `${good('There')}  ${reference} ${dim(`in ${image.builder}, of the same contents`)}` : `${good('Built')}  ${reference} ${dim(`with ${image.builder}`)}`,
    `Base   ${image.base}${image.baseDigest === undefined ? dim(', which one is not recorded') : `@${image.baseDigest.slice(0, 19)}…`}`,
    ...(image.revision === undefined ? [] : [`Commit ${image.revision}`]),
    `Next   ${code(`todoctl images push${environmentFlag(environment)}`)}`,
  );
}

export function pushText({ dryRun, server, repository, services, built, sent, tagged }: PushResult, io: Look): string {
  const { good, warn, dim } = palette(io);
  const missing = services.filter(({ pushed }) => pushed);
  if (missing.length === 0 && tagged.length === 0) return `${good('Nothing')} had to be pushed to ${server}/${repository}: ${services.length === 1 ? 'the image is' : `all ${services.length} images are`} there\n`;
  const names = missing.map(({ service, tag }) => `  ${service}  ${tag}`);
  if (dryRun) return lines(`${warn('Would push')} to ${server}/${repository}`, ...names);
  return lines(`${good('Pushed')}  ${server}/${repository} ${dim(built ? 'built and sent' : sent ? 'sent' : 'sent before; tags alone')}`, ...names);
}

export function listText({ server, repository, services, tags }: ListResult, io: Look): string {
  const { good, warn, bold, dim } = palette(io);
  const width = Math.max(0, ...services.map(({ service }) => service.length));
  const needed = services.map(({ service, tag, digest }) => `  ${service.padEnd(width)}  ${tag}  ${digest === undefined ? warn('missing') : good('there')}`);
  const others = tags.filter((tag) => !services.some((service) => service.tag === tag));
  return lines(bold(`${server}/${repository}`), ...needed, dim(others.length === 1 ? '  and 1 other tag' : `  and ${others.length} other tags`));
}

export function scanText({ reference, scanned, weaknesses }: ScanResult, io: Look): string {
  const { good, warn } = palette(io);
  if (!scanned) return lines(`${warn('Not scanned')}  ${reference}`, 'Trivy is not on this machine. With --require this is an error.');
  const counts = Object.entries(Object.groupBy(weaknesses, ({ severity }) => severity)).map(([severity, of = []]) => `${of.length} ${severity.toLowerCase()}`);
  return `${good('Scanned')}  ${reference}: ${counts.length === 0 ? 'nothing found' : `${counts.join(', ')}; none critical that is fixed elsewhere`}\n`;
}

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}
