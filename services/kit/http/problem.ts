import { STATUS_CODES } from './node-http.ts';
import type { Reply } from './reply.ts';

/** One wrong field: `pointer` is a JSON Pointer into the body (`/due/zone`), or the name of a query parameter. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** What a schema library says of a wrong value; zod's issues have this shape. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string | undefined;
  readonly keys?: readonly string[];
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** The last part of the problem's type; made from the status where absent. */
  readonly kind?: string;
  readonly cause?: unknown;
}

/** An RFC 9457 problem, thrown by handlers and answered as application/problem+json. `detail` is for the caller to read. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly detail: string;
  readonly options: ProblemOptions;

  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.detail = detail;
    this.options = options;
  }

  /** `instance` is the path of the request it belongs to. */
  reply(instance: string): Reply {
    const { errors, headers, kind } = this.options;
    const title = STATUS_CODES[this.status] ?? 'Error';
    const type = `urn:todo:problem:${kind ?? title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
    const body = { type, title, status: this.status, detail: this.detail, instance, ...(errors ? { errors } : {}) };
    return { status: this.status, body, headers: { ...headers, 'content-type': 'application/problem+json' } };
  }
}

export const badRequest = (detail: string, errors?: readonly FieldError[]): Problem => new Problem(400, detail, errors ? { errors } : {});
export const forbidden = (detail: string): Problem => new Problem(403, detail);
export const notFound = (detail = 'There is nothing here.'): Problem => new Problem(404, detail);
export const conflict = (detail: string): Problem => new Problem(409, detail);
export const preconditionFailed = (detail = 'It has changed since you read it.'): Problem => new Problem(412, detail);
export const unprocessable = (errors: readonly FieldError[], detail = 'Some fields are wrong.'): Problem => new Problem(422, detail, { errors });
export const unavailable = (detail: string, retryAfterSeconds = 1): Problem =>
  new Problem(503, detail, { headers: { 'retry-after': String(retryAfterSeconds) } });

/** Names each wrong field once per issue; unknown keys are named one by one. */
export function fieldErrors(issues: readonly SchemaIssue[]): FieldError[] {
  return issues.flatMap((issue) => {
    const at = issue.path.map(pointerPart).join('');
    if (issue.code === 'unrecognized_keys' && issue.keys) {
      return issue.keys.map((key) => ({ pointer: at + pointerPart(key), detail: 'There is no such field.' }));
    }
    return [{ pointer: at, detail: issue.message }];
  });
}

function pointerPart(part: PropertyKey): string {
  return `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
