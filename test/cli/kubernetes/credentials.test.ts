// What of a user's credentials is known as a secret from then on, and what is not taken for one.
import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { Redactor } from '../../../cli/io/redactor.ts';
import { credentialsOf } from '../../../cli/kubernetes/credentials.ts';
import { reasonOf } from '../../../cli/kubernetes/failures.ts';
import type { User } from '../../../cli/kubernetes/kubeconfig.ts';
import { selfSigned } from '../../support/certificate.ts';
import { refusal } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const TLS = selfSigned('me');
const known = async (user: User): Promise<(text: string) => string> => {
  const redactor = new Redactor();
  await credentialsOf(user, { PATH: process.env['PATH'] }, redactor, new AbortController().signal);
  return (text) => redactor.redact(text);
};
const program = async (script: string, env: Record<string, string> = {}): Promise<User> => {
  const command = path.join(await temporaryFolder(), 'plugin');
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o755);
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: [], env } };
};

describe('from then on no output shows', () => {
  test.each<[string, User, string]>([
    ['a token', { token: 'canary-token' }, 'Bearer canary-token'],
    ['a token in base64', { token: 'canary-token' }, Buffer.from('canary-token').toString('base64')],
    ['a password', { password: { username: 'me', password: 'canary-word' } }, 'me:canary-word'],
    ['a header with a password', { password: { username: 'me', password: 'canary-word' } }, Buffer.from('me:canary-word').toString('base64')],
    ['a key', { certificate: TLS.cert, key: TLS.key }, TLS.key],
    ['one line of a key', { certificate: TLS.cert, key: TLS.key }, TLS.key.split('\n')[1] ?? ''],
  ])('%s', async (_, user, text) => {
    const shown = (await known(user))(`before ${text} after`);
    expect(shown).toMatch(/^before [\s\S]*\*\*\*[\s\S]* after$/);
    for (const line of text.split('\n').filter((one) => !one.startsWith('-----') && one !== '')) expect(shown).not.toContain(line);
  });

  test('what a program answers', async () => {
    const redact = await known(await program('echo "{\\"status\\": {\\"token\\": \\"canary-answer\\"}}"'));
    expect(redact('canary-answer')).toBe('***');
  });

  test('variables of a program that are called a secret; others are words', async () => {
    const redact = await known(await program('echo "{\\"status\\": {}}"', { AWS_SECRET_ACCESS_KEY: 'canary-secret', API_TOKEN: 'canary-token', AWS_PROFILE: 'production' }));
    expect(redact('canary-secret canary-token production')).toBe('*** *** production');
  });
});

describe('what is sent', () => {
  const sent = (user: User) => credentialsOf(user, { PATH: process.env['PATH'] }, new Redactor(), new AbortController().signal);

  test('a certificate goes with its key, and not without', async () => {
    expect(await sent({ certificate: TLS.cert, key: TLS.key })).toEqual({ certificate: TLS.cert, key: TLS.key });
    expect(await sent({ certificate: TLS.cert })).toEqual({});
  });

  test('a token counts more than a password, and a program more than both', async () => {
    expect(await sent({ token: 'a-token', password: { username: 'me', password: 'word' } })).toEqual({ authorization: 'Bearer a-token' });
    expect(await sent({ token: 'a-token', ...(await program('echo "{\\"status\\": {\\"token\\": \\"another\\"}}"')) })).toEqual({ authorization: 'Bearer another' });
  });

  test('a program may give a certificate', async () => {
    const answer = JSON.stringify({ status: { clientCertificateData: 'cert', clientKeyData: 'key' } });
    expect(await sent(await program(`echo '${answer}'`))).toEqual({ certificate: 'cert', key: 'key' });
  });

  test('nothing where there is nothing', async () => {
    expect(await sent({})).toEqual({});
  });

  test('of what a failing program says, the last three lines are told', async () => {
    expect((await refusal(sent(await program('for line in 1 2 3 4 5; do echo "line $line" >&2; done; exit 3')))).details).toEqual(['line 3', 'line 4', 'line 5']);
  });
});

describe('Ctrl-C while a program is asked ends with 130', () => {
  /** Stops when the program has told by a file that it runs. */
  async function stopped(script: string): Promise<TodoctlError> {
    const started = path.join(await temporaryFolder(), 'started');
    const stop = new AbortController();
    const answer = refusal(credentialsOf(await program(`: > ${started}\n${script}`), { PATH: process.env['PATH'] }, new Redactor(), stop.signal));
    await until('the program runs', () => existsSync(started));
    stop.abort(new TodoctlError('TODOCTL_INTERRUPTED'));
    return answer;
  }

  test.each([
    ['that waits', 'exec sleep 30'],
    ['that fails because of it', "trap 'exit 1' TERM\nfor i in 1 2 3 4 5 6 7 8 9; do sleep 1; done"],
  ])('a program %s', async (_, script) => {
    expect(await stopped(script)).toMatchObject({ code: 'TODOCTL_INTERRUPTED', exit: 130 });
  });
});

describe('the reason of a refusal', () => {
  test.each<[string, unknown, string]>([
    ['a Status', { kind: 'Status', message: 'no' }, 'no'],
    ['none', {}, 'no reason given'],
    ['an empty one', { message: '' }, 'no reason given'],
    ['nothing at all', null, 'no reason given'],
    ['a text', 'hello', 'no reason given'],
    ['an object in Go’s words', { message: 'spec.template: Invalid value: core.PodTemplateSpec{Env:"canary", Map:map[string]string{"a":"b"}}: field is immutable' }, 'spec.template: field is immutable'],
    ['a value that is plain', { message: 'spec.replicas: Invalid value: -1: must be greater than 0' }, 'spec.replicas: Invalid value: -1: must be greater than 0'],
  ])('%s', (_, body, reason) => {
    expect(reasonOf(body)).toBe(reason);
  });
});
