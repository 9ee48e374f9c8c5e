import { isRecord, scalar, type ResourceDocument } from './document.ts';
import { ResourceError } from './resource-error.ts';

/** What the sidecar takes from the Configuration; the rest of it concerns a cluster. */
export interface Configuration {
  /** False when `samplingRate` is "0" or missing: then no trace context is made or passed on. */
  tracing: boolean;
  secretAllowed: (store: string, key: string) => boolean;
}

interface SecretScope {
  store: string;
  deny: boolean;
  allowed: string[];
  denied: string[];
}

/** Reads a Configuration; without one, nothing is traced and every secret may be read. */
export function readConfiguration(document: ResourceDocument | undefined): Configuration {
  const spec = document && isRecord(document.body['spec']) ? document.body['spec'] : {};
  const tracing = isRecord(spec['tracing']) ? spec['tracing'] : {};
  const scopes = isRecord(spec['secrets']) && Array.isArray(spec['secrets']['scopes']) ? spec['secrets']['scopes'].map((scope) => readScope(scope, document)) : [];
  return {
    tracing: Number(scalar(tracing['samplingRate']) ?? 0) > 0,
    secretAllowed: (store, key) => {
      const scope = scopes.find((item) => item.store === store);
      if (!scope) return true;
      // pkg/config: a list of allowed ones is the whole list; a denied one is denied whatever the default says.
      if (scope.allowed.length > 0) return scope.allowed.includes(key);
      return !scope.deny && !scope.denied.includes(key);
    },
  };
}

function readScope(value: unknown, document: ResourceDocument | undefined): SecretScope {
  const scope = isRecord(value) ? value : {};
  const store = scalar(scope['storeName']);
  if (!store) throw new ResourceError(document?.file ?? '', 'spec.secrets.scopes: an item has no storeName');
  const names = (key: string): string[] => (Array.isArray(scope[key]) ? scope[key].map(String) : []);
  return { store, deny: scalar(scope['defaultAccess']) === 'deny', allowed: names('allowedSecrets'), denied: names('deniedSecrets') };
}
