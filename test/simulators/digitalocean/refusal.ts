const IDS: Record<number, string> = {
  400: 'bad_request', 401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 405: 'method_not_allowed', 409: 'conflict', 412: 'precondition_failed',
  422: 'unprocessable_entity', 429: 'too_many_requests', 500: 'server_error', 502: 'bad_gateway', 503: 'service_unavailable', 504: 'gateway_timeout',
};

/** An answer of the API that says no. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  get body(): { id: string; message: string } {
    return { id: IDS[this.status] ?? 'error', message: this.message };
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 'The resource you requested could not be found.');
}

/** The normal answer to values that will not do, though the documentation of most routes does not list it. */
export function invalid(message: string): Refusal {
  return new Refusal(422, message);
}

/** What is there under an id, or the refusal of one that is not. */
export function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw notFound();
  return thing;
}
