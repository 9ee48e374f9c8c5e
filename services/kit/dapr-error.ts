/** The sidecar, or what it asked, refused or was away. */
export class DaprError extends Error {
  override readonly name = 'DaprError';
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Dapr's `errorCode`, e.g. ERR_PUBSUB_NOT_FOUND; '' where there is none. */
  readonly code: string;
  /** What was answered: parsed JSON, or text. */
  readonly body: unknown;

  constructor(operation: string, status: number, body: unknown, cause?: unknown) {
    const code = errorCode(body);
    const what = status === 0 ? 'no answer from the sidecar' : `status ${status}`;
    super(`${operation}: ${what}${code ? ` ${code}` : ''}`, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.body = body;
  }

  /** Whether it is worth asking again: nobody answered, or a proxy or daprd said that the other side is away. */
  get away(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504 || this.code === 'ERR_DIRECT_INVOKE';
  }
}

function errorCode(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('errorCode' in body)) return '';
  return typeof body.errorCode === 'string' ? body.errorCode : '';
}
