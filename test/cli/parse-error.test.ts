// Mistakes in a command line, as oclif's parser finds them and as a person reads them.
import { Args, Flags, Parser } from '@oclif/core';
import { describe, expect, test } from 'vitest';
import { known } from '../../cli/base-command.ts';
import { TodoctlError } from '../../cli/errors/todoctl-error.ts';

const flags = {
  limit: Flags.integer({ min: 1 }),
  format: Flags.string({ options: ['pretty', 'raw'] }),
  from: Flags.string({ exclusive: ['since', 'limit'] }),
  since: Flags.string({
    parse: async (input) => {
      throw new TodoctlError('TODOCTL_DEFINITION_BAD_DURATION', { message: `${input} is no duration` });
    },
  }),
};
const args = { topic: Args.string({ required: true, ignoreStdin: true }) };

async function refusal(...argv: string[]): Promise<{ code: string; message: string; next: readonly string[]; exit: number }> {
  try {
    await Parser.parse(argv, { flags, args, strict: true });
  } catch (error) {
    const { code, message, next, exit } = known(error, { command: 'todoctl events tail', flags: Object.keys(flags) });
    return { code, message, next, exit };
  }
  throw new Error('nothing was refused');
}

const help = 'todoctl events tail --help shows its flags and examples.';

describe('unknown flags', () => {
  test('the nearest one is offered', async () => {
    expect(await refusal('t', '--limti', '1')).toEqual({
      code: 'TODOCTL_UNKNOWN_FLAG',
      message: 'todoctl events tail has no flag --limti',
      next: ['Did you mean --limit?', help],
      exit: 2,
    });
  });

  test('several at once', async () => {
    expect(await refusal('t', '--limti', '--fromat')).toMatchObject({ message: 'todoctl events tail has no flag --limti, --fromat', next: ['Did you mean --limit, --format?', help] });
  });

  test('one that is like no other', async () => {
    expect(await refusal('t', '--kubernetes')).toMatchObject({ next: [help] });
  });
});

describe('other mistakes', () => {
  test.each([
    [[], 'todoctl events tail needs TOPIC'],
    [['a', 'b'], 'todoctl events tail takes no argument b'],
    [['t', '--limit'], 'Flag --limit expects a value'],
    [['t', '--limit', 'many'], '--limit: Expected an integer but received: many'],
    [['t', '--limit', '0'], '--limit: Expected an integer greater than or equal to 1 but received: 0'],
    [['t', '--format', 'xml'], 'Expected --format=xml to be one of: pretty, raw'],
  ])('%j', async (argv, message) => {
    expect(await refusal(...argv)).toEqual({ code: 'TODOCTL_USAGE', message, next: [help], exit: 2 });
  });

  test('flags that exclude each other', async () => {
    expect(await refusal('t', '--from', '0', '--limit', '1')).toEqual({ code: 'TODOCTL_USAGE', message: '--limit and --from exclude each other', next: [help], exit: 2 });
  });

  test('a flag’s own parser keeps its code and its words', async () => {
    expect(await refusal('t', '--since', 'soon')).toMatchObject({ code: 'TODOCTL_DEFINITION_BAD_DURATION', message: 'soon is no duration' });
  });
});

describe('what is no mistake of the user', () => {
  const parsed = { command: 'todoctl x', flags: [] };

  test('is a bug, with its message and without its stack', () => {
    const error = known(new TypeError('x is not a function'), parsed);
    expect(error.toJSON()).toMatchObject({ code: 'TODOCTL_BUG', message: 'x is not a function (this is a mistake in todoctl)' });
    expect(JSON.stringify(error)).not.toContain('parse-error.test');
  });

  test.each([undefined, null, 'text', { code: 7 }])('whatever is thrown: %j', (thrown) => {
    expect(known(thrown, parsed).code).toBe('TODOCTL_BUG');
  });

  test('an error of the catalogue stays as it is', () => {
    const error = new TodoctlError('TODOCTL_INTERRUPTED');
    expect(known(error, parsed)).toBe(error);
  });
});
