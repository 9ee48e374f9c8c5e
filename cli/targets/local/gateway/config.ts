import { readFileSync } from 'node:fs';
import type { Address } from '../../../kafka/access.ts';

export interface Route {
  /** Path prefix: `/api` serves /api and everything under /api/. */
  prefix: string;
  upstreams: readonly Address[];
}

/** What the file after `--config` holds. */
export interface GatewayConfig {
  host: string;
  port: number;
  routes: readonly Route[];
}

/** Reads the configuration that the local target wrote; it is not meant to be written by hand. */
export function readGatewayConfig(argv: readonly string[]): GatewayConfig {
  const file = argv[argv.indexOf('--config') + 1];
  if (!argv.includes('--config') || !file) throw new Error('usage: gateway --config FILE');
  return JSON.parse(readFileSync(file, 'utf8')) as GatewayConfig;
}
