import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { ApiServer } from './api-server.ts';

/** Where the CRDs of other people's systems are, beside this repository: they are fetched, so never in it. */
const FOLDER = path.resolve(import.meta.dirname, '../../../shared/specs/crds');

/** The files of CRDs; undefined where this machine does not have them. */
export function crdFiles(): string[] | undefined {
  return existsSync(FOLDER) ? readdirSync(FOLDER).map((file) => path.join(FOLDER, file)) : undefined;
}

/** Makes the kinds of other people's systems known to an API server, and waits until it serves them. */
export function applyCrds({ kubectl }: Pick<ApiServer, 'kubectl'>): void {
  kubectl(['apply', '--server-side', '-f', FOLDER]);
  kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
}
