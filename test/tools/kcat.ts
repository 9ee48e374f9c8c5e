// Finds kcat, the independent Kafka client of the tests. Run: node test/tools/kcat.ts
import { execFileSync } from 'node:child_process';

/** The kcat of this machine. It is installed by apt only as root in CI or when `install` is asked for: a test run changes no developer's machine. */
export function findKcat(install = process.env['CI'] === 'true'): { kcat: string; version: string } | { skipped: string } {
  const found = version();
  if (found) return { kcat: 'kcat', version: found };
  if (install && process.getuid?.() === 0) {
    try {
      execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
      execFileSync('apt-get', ['install', '-y', '-q', 'kcat'], { stdio: 'ignore' });
    } catch {
      return { skipped: 'apt-get install kcat failed' };
    }
    const installed = version();
    if (installed) return { kcat: 'kcat', version: installed };
  }
  return { skipped: 'no kcat found (Debian: apt-get install kcat; or, as root, node test/tools/kcat.ts)' };
}

function version(): string | undefined {
  try {
    const text = execFileSync('kcat', ['-V'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /Version (\S+)/.exec(text)?.[1] ?? 'unknown';
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const got = findKcat(true);
  process.stdout.write('kcat' in got ? `kcat ${got.version}\n` : `skipped: ${got.skipped}\n`);
  process.exitCode = 'kcat' in got ? 0 : 3;
}
