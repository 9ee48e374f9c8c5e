import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { runProgram } from '../exec/run.ts';
import type { Redactor } from '../io/redactor.ts';
import { builderEnv } from './builder.ts';
import type { Login } from './home.ts';
import { dockerConfig } from './login.ts';
import { hostOf, isPrivate } from './oci-address.ts';

export interface Weakness {
  id: string;
  package: string;
  installed: string;
  /** The version that is without it; absent where there is none yet. */
  fixed?: string;
  severity: string;
  title: string;
}

export interface ScanGiven {
  env: NodeJS.ProcessEnv;
  redactor: Redactor;
  stop: AbortSignal;
  /** A private folder, which becomes DOCKER_CONFIG. */
  folder: string;
  /** Of the image: `ghcr.io`. */
  server: string;
  /** What that is read with; it lies in a private file while Trivy runs, and nowhere after it. */
  login?: Login;
}

const TIMEOUT_MS = 15 * 60_000;
const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'];

interface Report {
  Results?: { Vulnerabilities?: { VulnerabilityID?: string; PkgName?: string; InstalledVersion?: string; FixedVersion?: string; Severity?: string; Title?: string }[] | null }[] | null;
}

/**
 * What Trivy finds in an image, worst first; undefined where there is no Trivy. It gets the credentials by a Docker configuration, which
 * names their server: what TRIVY_USERNAME and TRIVY_PASSWORD say would go to the registry of Trivy's own database too. Errors:
 * TODOCTL_PROGRAM_FAILED.
 */
export async function scanImage(reference: string, { env, redactor, stop, folder, server, login }: ScanGiven): Promise<Weakness[] | undefined> {
  const config = path.join(folder, 'config.json');
  const cache = env['TRIVY_CACHE_DIR'];
  try {
    await rm(config, { force: true });
    if (login) await writeFile(config, dockerConfig(server, login), { mode: 0o600 });
    const { stdout } = await runProgram({
      program: 'trivy', args: ['image', '--quiet', '--scanners', 'vuln', '--format', 'json', reference],
      env: { ...builderEnv(env, folder), ...(isPrivate(hostOf(server)) ? { TRIVY_NON_SSL: 'true' } : {}), ...(cache === undefined ? {} : { TRIVY_CACHE_DIR: cache }) },
      cwd: '/', timeoutMs: TIMEOUT_MS, redactor, signal: stop,
    });
    return weaknessesIn(stdout);
  } catch (error) {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_PROGRAM_MISSING') return undefined;
    throw error;
  } finally {
    await rm(config, { force: true });
  }
}

/** Reads Trivy's JSON; each weakness of a package once. Errors: TODOCTL_PROGRAM_FAILED for what is none. */
export function weaknessesIn(text: string): Weakness[] {
  let report: Report;
  try {
    report = JSON.parse(text) as Report;
  } catch {
    throw new TodoctlError('TODOCTL_PROGRAM_FAILED', { message: 'trivy wrote no report' });
  }
  const all = (report.Results ?? []).flatMap(({ Vulnerabilities }) => Vulnerabilities ?? []).map((one): Weakness => ({
    id: one.VulnerabilityID ?? 'unknown', package: one.PkgName ?? 'unknown', installed: one.InstalledVersion ?? '',
    severity: SEVERITIES.includes(one.Severity ?? '') ? (one.Severity ?? '') : 'UNKNOWN', title: one.Title ?? '',
    ...(one.FixedVersion ? { fixed: one.FixedVersion } : {}),
  }));
  const once = new Map(all.map((one) => [`${one.id} ${one.package} ${one.installed}`, one]));
  return [...once.values()].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1));
}

/** The policy: critical, and fixed elsewhere. What nobody has fixed yet stops nobody. */
export function forbidden(weaknesses: readonly Weakness[]): Weakness[] {
  return weaknesses.filter(({ severity, fixed }) => severity === 'CRITICAL' && fixed !== undefined);
}
