import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Start } from './starts.ts';
import { parseWhen } from './when.ts';

/** What the command line of `events tail` says, as it was typed. */
export interface TailFlags {
  topics: readonly string[];
  since?: string | undefined;
  until?: string | undefined;
  from?: string | undefined;
  last?: number | undefined;
  key?: string | undefined;
  partition?: number | undefined;
  where?: string | undefined;
  type?: string | undefined;
  limit?: number | undefined;
  follow: boolean;
  format: string;
}

export interface TailBounds {
  start: Start;
  /** Milliseconds; reading stops there. */
  until?: number;
  follow: boolean;
}

/** How many events a follower sees first when it does not say where to start, as tail(1) has it. */
const LOOK_BACK = 10;

/**
 * Where to start and where to stop. Without a start, following shows the last ten events first (none of a filtered topic:
 * finding ten could mean reading all of it) and --no-follow shows everything. A time in the past in --until ends there.
 * Throws TODOCTL_TIME_SYNTAX, TODOCTL_TIME_IN_FUTURE, TODOCTL_TIME_ORDER, TODOCTL_USAGE.
 */
export function boundsOf(flags: TailFlags, now: number): TailBounds {
  const since = flags.since === undefined ? undefined : parseWhen(flags.since, now, '--since');
  const until = flags.until === undefined ? undefined : parseWhen(flags.until, now, '--until');
  if (since !== undefined && since > now) {
    throw new TodoctlError('TODOCTL_TIME_IN_FUTURE', { message: `--since ${flags.since} lies in the future; it is ${new Date(now).toISOString()} now` });
  }
  if (since !== undefined && until !== undefined && until < since) throw new TodoctlError('TODOCTL_TIME_ORDER', { message: `--until ${flags.until} lies before --since ${flags.since}` });
  const follow = flags.follow && (until === undefined || until > now);
  const start: Start = since === undefined ? startOf(flags, follow) : { at: 'time', time: since };
  return { start, follow, ...(until === undefined ? {} : { until }) };
}

function startOf(flags: TailFlags, follow: boolean): Start {
  if (flags.last !== undefined) return { at: 'last', count: flags.last };
  if (flags.from === 'beginning' || flags.from === 'end') return { at: flags.from };
  if (flags.from !== undefined) {
    const offset = Number(flags.from);
    if (!/^\d+$/.test(flags.from) || !Number.isSafeInteger(offset)) throw new TodoctlError('TODOCTL_USAGE', { message: `--from ${flags.from} is neither beginning, end nor an offset` });
    return { at: 'offset', offset };
  }
  if (!follow) return { at: 'beginning' };
  const filtered = flags.key !== undefined || flags.where !== undefined || flags.type !== undefined;
  return filtered ? { at: 'end' } : { at: 'last', count: LOOK_BACK };
}
