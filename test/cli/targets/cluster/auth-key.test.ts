// What preflight takes for the key that tokens are checked with.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { refuseWrongKey } from '../../../../cli/targets/cluster/auth-key.ts';
import { refusal } from '../../../support/definition.ts';

const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } } as const;
const KINDS = [['RSA', generateKeyPairSync('rsa', { modulusLength: 2048, ...pem })], ['Ed25519', generateKeyPairSync('ed25519', pem)], ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256', ...pem })]] as const;
const refused = (key: string): Promise<unknown> => refusal(Promise.resolve().then(() => refuseWrongKey(key)));

describe.each(KINDS)('%s', (_, { publicKey, privateKey }) => {
  test('its public key is taken, with or without space around it', () => {
    refuseWrongKey(publicKey);
    refuseWrongKey(`\n${publicKey}\n`);
  });

  test('its private key is refused, and not shown', async () => {
    const error = await refused(privateKey);
    expect(error).toMatchObject({ code: 'TODOCTL_AUTH_KEY_WRONG', message: 'auth.key is a private key' });
    expect(JSON.stringify(error)).not.toContain(privateKey.split('\n')[1]);
  });

  test('half of a public key is refused', async () => {
    expect(await refused(publicKey.slice(0, 60))).toMatchObject({ code: 'TODOCTL_AUTH_KEY_WRONG', message: 'auth.key is not a public key in PEM' });
  });
});

test.each(['', 'secret', 'https://id.example.com/keys', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])('what is no key is refused: %s', async (key) => {
  expect(await refused(key)).toMatchObject({ code: 'TODOCTL_AUTH_KEY_WRONG', exit: 3 });
});
