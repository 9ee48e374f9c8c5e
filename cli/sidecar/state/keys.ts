import { DaprError, errorInfo, fieldViolation, resourceInfo } from '../http/dapr-error.ts';

const SEPARATOR = '||';

/** How a state component prefixes its keys: `keyPrefix` is appid (default), namespace, name, none or a text of one's own. */
export interface KeyScheme {
  store: string;
  appId: string;
  prefix: string | undefined;
}

/** The key under which an app's item lies. Throws a 400 for a key that holds the separator. */
export function storedKey(key: string, { store, appId, prefix }: KeyScheme): string {
  if (key.includes(SEPARATOR)) {
    const message = `input key/keyPrefix '${key}' can't contain '${SEPARATOR}'`;
    throw new DaprError(400, 'ERR_MALFORMED_REQUEST', message, [
      fieldViolation(key, message),
      resourceInfo('state', store, ''),
      errorInfo('DAPR_STATE_ILLEGAL_KEY', null),
    ]);
  }
  const before = { none: undefined, name: store, namespace: `default.${appId}`, appid: appId }[prefix ?? 'appid'] ?? prefix;
  return prefix === 'none' ? key : `${before ?? appId}${SEPARATOR}${key}`;
}

/** The key as the app knows it. */
export function originalKey(stored: string): string {
  const parts = stored.split(SEPARATOR);
  return parts[1] ?? stored;
}
