import { TodoctlError } from '../errors/todoctl-error.ts';

/** What OpenSSL and Node call a certificate that cannot be believed. */
const UNTRUSTED = /^(?:CERT_|UNABLE_TO_(?:VERIFY|GET)|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT)/;

/** A request that never got an answer: the network, the name, the certificate, or the time. */
export function unreachable(where: string, error: unknown): TodoctlError {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const untrusted = UNTRUSTED.test(code);
  return new TodoctlError(untrusted ? 'TODOCTL_CLUSTER_UNTRUSTED' : 'TODOCTL_CLUSTER_UNREACHABLE', {
    message: untrusted ? `The certificate of ${where} is not trusted` : `${where} does not answer`,
    details: [message || code],
    cause: error,
  });
}

export function unauthorized(where: string): TodoctlError {
  return new TodoctlError('TODOCTL_CLUSTER_UNAUTHORIZED', { message: `${where} does not know who asks` });
}

/** An answer that no API server gives that is well: a proxy's page, a failure, a version that is too old for what was asked. */
export function strange(where: string, status: number, body: unknown): TodoctlError {
  return new TodoctlError('TODOCTL_CLUSTER_STRANGE', { message: `${where} does not answer as the API of Kubernetes does`, details: [`${status}: ${reasonOf(body)}`] });
}

/** A whole object in Go's words: long, and what somebody wrote into its variables is in it. */
const DUMP = /Invalid value: \w+\.\w+\{.*\}: /gs;

/** The reason that a Status object of Kubernetes gives. */
export function reasonOf(body: unknown): string {
  const { message } = (body ?? {}) as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message.replaceAll(DUMP, '') : 'no reason given';
}
