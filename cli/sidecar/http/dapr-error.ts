/**
 * An answer that is an error, in daprd's own shape: `{errorCode, message, details?}` (dapr/kit errors, pkg/messages/api_error.go).
 * Throw it anywhere below a route.
 */
export class DaprError extends Error {
  override readonly name = 'DaprError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly object[] | undefined;

  constructor(status: number, code: string, message: string, details?: readonly object[]) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  body(): string {
    return JSON.stringify({ errorCode: this.code, message: this.message, ...(this.details && { details: this.details }) });
  }
}

const TYPE = 'type.googleapis.com/google.rpc.';

/** The detail that says why: `reason` is the code of Dapr's newer scheme. */
export function errorInfo(reason: string, metadata: Record<string, string> | null): object {
  return { '@type': `${TYPE}ErrorInfo`, reason, domain: 'dapr.io', metadata };
}

/** The detail that says which component was meant. */
export function resourceInfo(type: string, name: string, description: string): object {
  return { '@type': `${TYPE}ResourceInfo`, resource_type: type, resource_name: name, owner: '', description };
}

/** The detail that says which field of the request is wrong. */
export function fieldViolation(field: string, description: string): object {
  return { '@type': `${TYPE}BadRequest`, field_violations: [{ field, description }] };
}
