import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sasl } from './access.ts';

/** What a mechanism says, message by message: each `next` takes the broker's last bytes and gives ours; done when it returns. */
export type Conversation = Generator<Buffer, void, Buffer>;

/** The broker could not prove that it knows the password, or said what no broker says. */
export class SaslRefused extends Error {
  override readonly name = 'SaslRefused';
}

/** A broker that asks for more rounds than this wants to burn our time, not to prove anything. */
const MOST_ITERATIONS = 1_000_000;
const FEWEST_ITERATIONS = 4096;

/** The client's side of PLAIN (RFC 4616) or SCRAM (RFC 5802, RFC 7677). */
export function converse(sasl: Sasl, nonce = randomBytes(18).toString('base64')): Conversation {
  switch (sasl.mechanism) {
    case 'PLAIN':
      return plain(sasl);
    case 'SCRAM-SHA-256':
      return scram(sasl, 'sha256', nonce);
    case 'SCRAM-SHA-512':
      return scram(sasl, 'sha512', nonce);
  }
}

function* plain({ username, password }: Sasl): Conversation {
  yield Buffer.from(`\0${username}\0${password}`);
}

function* scram({ username, password }: Sasl, hash: 'sha256' | 'sha512', nonce: string): Conversation {
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const clientFirst = `n=${name},r=${nonce}`;
  const serverFirst = (yield Buffer.from(`n,,${clientFirst}`)).toString();
  const said = attributes(serverFirst);
  const iterations = Number(said.get('i'));
  const salt = Buffer.from(said.get('s') ?? '', 'base64');
  const serverNonce = said.get('r') ?? '';
  if (!serverNonce.startsWith(nonce) || serverNonce === nonce) throw new SaslRefused('the broker did not build on our nonce');
  if (!(iterations >= FEWEST_ITERATIONS && iterations <= MOST_ITERATIONS)) throw new SaslRefused(`the broker asks for ${said.get('i') ?? 'no'} iterations`);

  const size = hash === 'sha256' ? 32 : 64;
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, size, hash);
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const withoutProof = `c=biws,r=${serverNonce}`;
  const whole = `${clientFirst},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, whole);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number)));

  const serverFinal = attributes((yield Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)).toString());
  const expected = hmac(hmac(salted, 'Server Key'), whole);
  const shown = Buffer.from(serverFinal.get('v') ?? '', 'base64');
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) throw new SaslRefused('the broker does not know the password either');
}

function attributes(message: string): Map<string, string> {
  return new Map(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
