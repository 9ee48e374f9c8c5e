import { clusterErrors } from './catalogue/cluster.ts';
import { definitionErrors } from './catalogue/definition.ts';
import { deployErrors } from './catalogue/deploy.ts';
import { digitalOceanErrors } from './catalogue/digitalocean.ts';
import { engineErrors } from './catalogue/engine.ts';
import { imageErrors } from './catalogue/images.ts';
import { forwardErrors } from './catalogue/forward.ts';
import { kafkaErrors } from './catalogue/kafka.ts';
import { localErrors } from './catalogue/local.ts';
import { renderErrors } from './catalogue/render.ts';
import { runningErrors } from './catalogue/running.ts';
import { usageErrors } from './catalogue/usage.ts';
import type { ErrorEntry } from './entry.ts';

const entries = { ...usageErrors, ...definitionErrors, ...engineErrors, ...kafkaErrors, ...localErrors, ...renderErrors, ...clusterErrors, ...deployErrors, ...digitalOceanErrors, ...imageErrors, ...runningErrors, ...forwardErrors } as const;

export type ErrorCode = keyof typeof entries;

/** Every error that todoctl can end with, by code. Nothing is thrown at a user that is not in here. */
export const catalogue: Readonly<Record<ErrorCode, ErrorEntry>> = entries;

/** True when `code` stands in the catalogue. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalogue, code);
}
