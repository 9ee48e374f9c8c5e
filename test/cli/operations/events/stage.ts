// The context of an events command on a scripted or real Kafka, with what it prints.
import { Writable } from 'node:stream';
import { systemClock } from '../../../../cli/io/clock.ts';
import type { KafkaAccess } from '../../../../cli/kafka/access.ts';
import type { Context } from '../../../../cli/operations/context.ts';
import { type TailResult, tail } from '../../../../cli/operations/events/tail.ts';
import type { TailFlags } from '../../../../cli/operations/events/tail-options.ts';
import { tailEndText, tailTalkText } from '../../../../cli/views/events/tail.ts';
import { contextOn, plainIo, targetWith } from '../stage.ts';

export interface Stage {
  context: Context;
  /** Everything written to stdout so far. */
  printed: () => string;
  stop: AbortController;
}

/** `leavesAfter`: the reader of stdout goes away after so many writes. */
export function stageOn(access: KafkaAccess, options: { now?: number; leavesAfter?: number } = {}): Stage {
  const pieces: string[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (pieces.length === options.leavesAfter) return done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      pieces.push(chunk.toString());
      done();
    },
  });
  stdout.on('error', () => undefined);
  const stop = new AbortController();
  const now = options.now;
  const context: Context = {
    ...contextOn(targetWith({ kafka: async () => access }), stop.signal),
    io: { ...plainIo, stdout },
    clock: now === undefined ? systemClock : { ...systemClock, now: () => now },
  };
  return { context, printed: () => pieces.join(''), stop };
}

export interface Tailed {
  result: TailResult;
  stdout: string;
  stderr: string;
}

/** Runs `events tail` to its end as the command does: data on stdout, talk on stderr. */
export async function tailed(access: KafkaAccess, flags: Partial<TailFlags>, options: { now?: number; leavesAfter?: number } = {}): Promise<Tailed> {
  const { context, printed } = stageOn(access, options);
  let stderr = '';
  const result = await tail(context, { topics: ['task-events'], follow: false, format: '%t/%p@%o %v', ...flags }, (talk) => (stderr += tailTalkText(talk, context.io)));
  stderr += tailEndText(result, context.io);
  return { result, stdout: printed(), stderr };
}
