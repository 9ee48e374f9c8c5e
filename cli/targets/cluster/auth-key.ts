import { createPublicKey, type KeyObject } from 'node:crypto';
import { TodoctlError } from '../../errors/todoctl-error.ts';

/**
 * Refuses what services cannot, or should not, check tokens with: they get a key that checks, never the one that signs.
 * Errors: TODOCTL_AUTH_KEY_WRONG, which says nothing of the key but what is wrong with it.
 */
export function refuseWrongKey(pem: string): void {
  if (pem.includes('PRIVATE KEY')) throw new TodoctlError('TODOCTL_AUTH_KEY_WRONG', { message: 'auth.key is a private key', next: ['Give the public one: openssl pkey -in private.pem -pubout'] });
  if (publicKeyIn(pem)?.asymmetricKeyType === undefined) throw new TodoctlError('TODOCTL_AUTH_KEY_WRONG', { message: 'auth.key is not a public key in PEM' });
}

function publicKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
