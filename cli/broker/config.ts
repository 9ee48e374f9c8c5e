import { isLogLevel, type LogLevel } from '../io/json-log.ts';

/** The broker's config file. */
export interface BrokerConfig {
  /** Loopback only. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  dataDir: string;
  clusterId: string;
  logLevel?: LogLevel;
  /** Default segment.bytes of topics. */
  segmentBytes?: number;
  /** When what was written is synced to the disk: every so many milliseconds (1000 when left out), or before each answer. */
  flush?: number | 'every-write';
  /** How often retention looks, ms. */
  retentionCheckMs?: number;
}

/** Why a config file cannot be used. */
export class InvalidBrokerConfig extends Error {
  override readonly name = 'InvalidBrokerConfig';
}

/** Reads the JSON text of a config file. Throws InvalidBrokerConfig with the reason. */
export function parseConfig(text: string): BrokerConfig {
  const given = parseObject(text);
  const { host, port, dataDir, clusterId, logLevel, segmentBytes, flush, retentionCheckMs } = given;
  if (!isLoopback(host)) throw new InvalidBrokerConfig('host: 127.0.0.1, ::1 or localhost is wanted; this broker has no authentication');
  if (!isWhole(port, 0, 65_535)) throw new InvalidBrokerConfig('port: a number from 0 to 65535 is wanted');
  if (!isText(dataDir)) throw new InvalidBrokerConfig('dataDir: a path is wanted');
  if (!isText(clusterId)) throw new InvalidBrokerConfig('clusterId: a name is wanted');
  if (logLevel !== undefined && !isLogLevel(logLevel)) throw new InvalidBrokerConfig('logLevel: trace, debug, info, warn, error or fatal is wanted');
  if (segmentBytes !== undefined && !isWhole(segmentBytes, 1024, 2 ** 31 - 1)) throw new InvalidBrokerConfig('segmentBytes: at least 1024 bytes are wanted');
  if (flush !== undefined && flush !== 'every-write' && !isWhole(flush, 1, 60_000)) {
    throw new InvalidBrokerConfig('flush: "every-write" or milliseconds from 1 to 60000 are wanted');
  }
  if (retentionCheckMs !== undefined && !isWhole(retentionCheckMs, 10, 2 ** 31 - 1)) throw new InvalidBrokerConfig('retentionCheckMs: at least 10 ms are wanted');
  return {
    host,
    port,
    dataDir,
    clusterId,
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
    ...(flush === undefined ? {} : { flush }),
    ...(retentionCheckMs === undefined ? {} : { retentionCheckMs }),
  };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidBrokerConfig(`not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidBrokerConfig('an object is wanted');
  return value as Record<string, unknown>;
}

function isLoopback(value: unknown): value is string {
  return typeof value === 'string' && (/^127(\.\d{1,3}){3}$/.test(value) || value === '::1' || value === 'localhost');
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}
