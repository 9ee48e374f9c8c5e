import { readFile } from 'node:fs/promises';
import type { LogLevel } from '../io/json-log.ts';

/** A secret by reference: the trimmed content of a file that only its owner can read. */
interface SecretFile {
  file: string;
}

/** The sidecar's config file, as the local target writes it. One process serves all apps, each on its own HTTP port. */
export interface SidecarConfig {
  /** Folder of the rendered Component, Subscription and Resiliency files. */
  resourcesPath: string;
  /** The rendered Configuration. */
  configFile?: string;
  daprApiToken?: SecretFile;
  apps: AppConfig[];
  logLevel?: LogLevel;
}

export interface AppConfig {
  appId: string;
  /** Which replica this is; fills `{podName}`. */
  podName: string;
  /** Where the app listens, on loopback. */
  appPort: number;
  /** Where this sidecar answers, on loopback. */
  httpPort: number;
  /** What the app may demand of its callers, sent to it as `dapr-api-token`. */
  appApiToken?: SecretFile;
  /** What this sidecar demands of its callers. */
  daprApiToken?: SecretFile;
}

/** An app with its secrets read. */
export interface App {
  appId: string;
  podName: string;
  appPort: number;
  httpPort: number;
  appToken: string | undefined;
  apiToken: string | undefined;
}

async function secret(reference: SecretFile | undefined): Promise<string | undefined> {
  if (!reference) return undefined;
  return (await readFile(reference.file, 'utf8')).trim() || undefined;
}

/** Reads the config file; the local target wrote it, so its shape is trusted. */
export async function readConfig(file: string): Promise<{ config: SidecarConfig; apps: App[] }> {
  const config = JSON.parse(await readFile(file, 'utf8')) as SidecarConfig;
  const common = await secret(config.daprApiToken);
  const apps = await Promise.all(
    config.apps.map(async ({ appId, podName, appPort, httpPort, appApiToken, daprApiToken }) => ({
      appId,
      podName,
      appPort,
      httpPort,
      appToken: await secret(appApiToken),
      apiToken: (await secret(daprApiToken)) ?? common,
    })),
  );
  return { config, apps };
}
