import { TodoctlError } from '../errors/todoctl-error.ts';

/** What a registry said when it said no. Its answer holds no credentials: they are in requests only. */
export function refusal(server: string, status: number, said: string): TodoctlError {
  const words = wordsOf(said);
  const code = status === 401 || status === 403 ? 'TODOCTL_REGISTRY_UNAUTHORIZED' : status >= 500 ? 'TODOCTL_REGISTRY_UNREACHABLE' : 'TODOCTL_REGISTRY_REFUSED';
  return new TodoctlError(code, { message: `${server}: ${status}${words === '' ? '' : ` ${words}`}` });
}

/** No answer at all; `error` is what fetch threw, or words. */
export function noAnswer(server: string, error: unknown): TodoctlError {
  return new TodoctlError('TODOCTL_REGISTRY_UNREACHABLE', { message: `${server}: ${typeof error === 'string' ? error : reasonOf(error)}` });
}

/** The query of the next page, of a `Link` header; undefined at the end. Its host is not followed. */
export function nextPage(link: string | null): string | undefined {
  const next = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(link ?? '')?.[1];
  return next === undefined ? undefined : next.split('?')[1];
}

/** `DENIED: requested access to the resource is denied`, of `{errors: [{code, message}]}`. */
function wordsOf(said: string): string {
  try {
    const { errors = [] } = JSON.parse(said) as { errors?: { code?: string; message?: string }[] };
    return errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ');
  } catch {
    return said.startsWith('<') ? '' : said.split('\n')[0]?.slice(0, 200) ?? '';
  }
}

/** Why Node's fetch failed stands in the cause, and there in the first of several tries. */
function reasonOf(error: unknown): string {
  const { cause, message, code, errors } = error as { cause?: unknown; message?: string; code?: string; errors?: unknown[] };
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0]);
  return cause === undefined || cause === null ? (code === undefined ? (message ?? 'no answer') : `${code}${message ? ` (${message})` : ''}`) : reasonOf(cause);
}
