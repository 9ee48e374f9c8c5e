// Work that never waits hears a Ctrl-C all the same.
import { expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { endIfInterrupted } from '../../../cli/operations/interrupted.ts';
import { refusal } from '../../support/definition.ts';

test('a signal that came while nothing was awaited ends the work', async () => {
  const stop = new AbortController();
  const heard = (): void => stop.abort(new TodoctlError('TODOCTL_INTERRUPTED'));
  process.once('SIGUSR2', heard);
  process.kill(process.pid, 'SIGUSR2');
  const until = performance.now() + 20;
  while (performance.now() < until);
  expect(stop.signal.aborted).toBe(false);
  expect((await refusal(endIfInterrupted(stop.signal))).code).toBe('TODOCTL_INTERRUPTED');
});

test('without one it goes on', async () => {
  await expect(endIfInterrupted(new AbortController().signal)).resolves.toBeUndefined();
});
