import { TodoctlError } from '../errors/todoctl-error.ts';

/** What OpenSSL and Node call a certificate that cannot be believed. */
const UNTRUSTED = /^(?:CERT_|UNABLE_TO_(?:VERIFY|GET)|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT)/;

/** A request that never got an answer: the network, the name, the certificate, or the time. */
export function unreachable(where: string, error: unknown): TodoctlError {
  const { code = '', message = String(error), name } = error as NodeJS.ErrnoException;
  const untrusted = UNTRUSTED.test(code);
  const late = name === 'AbortError' || name === 'TimeoutError';
  return new TodoctlError(untrusted ? 'TODOCTL_CLUSTER_UNTRUSTED' : 'TODOCTL_CLUSTER_UNREACHABLE', {
    message: untrusted ? `The certificate of ${where} is not trusted` : `${where} does not answer`,
    details: [late ? 'it took longer than 30 seconds' : message || code],
    cause: error,
  });
}

export function unauthorized(where: string): TodoctlError {
  return new TodoctlError('TODOCTL_CLUSTER_UNAUTHORIZED', { message: `${where} does not know who asks` });
}

/** The reason that a Status object of Kubernetes gives. */
export function reasonOf(body: unknown): string {
  const { message } = (body ?? {}) as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : 'no reason given';
}
