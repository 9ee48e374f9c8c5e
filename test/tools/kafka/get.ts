// Gets Apache Kafka by Maven into .cache/kafka/<version>/lib. Run: node test/tools/kafka/get.ts
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const KAFKA_VERSION = '4.3.1';

const CACHE = path.resolve(import.meta.dirname, '../../../.cache/kafka');
const LIB = path.join(CACHE, KAFKA_VERSION, 'lib');

/** The folder with Kafka's jars, fetched when it is missing (54 MB, some 20 s), or why it cannot be had. */
export function getApacheKafka(): { lib: string } | { skipped: string } {
  if (!runs('java', ['-version'])) return { skipped: 'no Java found (Debian: apt-get install default-jre-headless)' };
  if (existsSync(LIB)) return { lib: LIB };
  if (!runs('mvn', ['-version'])) return { skipped: 'no Maven found (Debian: apt-get install maven)' };
  process.stderr.write(`Fetching Apache Kafka ${KAFKA_VERSION} by Maven into ${path.relative(process.cwd(), LIB)} …\n`);
  const partial = path.join(CACHE, `${KAFKA_VERSION}.partial`);
  rmSync(partial, { recursive: true, force: true });
  const pom = path.join(import.meta.dirname, 'pom.xml');
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${partial}/lib`, `-Dkafka.version=${KAFKA_VERSION}`];
  try {
    execFileSync('mvn', ['-q', '-B', '-f', pom, ...goal], { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout } = error as { stdout?: Buffer };
    return { skipped: `Maven could not fetch it: ${stdout?.toString().trim().split('\n').at(-1) ?? 'no output'}` };
  }
  mkdirSync(CACHE, { recursive: true });
  // Renamed only when whole: an interrupted run is not taken for a finished one.
  renameSync(partial, path.join(CACHE, KAFKA_VERSION));
  return { lib: LIB };
}

function runs(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const got = getApacheKafka();
  process.stdout.write('lib' in got ? `${got.lib}\n` : `skipped: ${got.skipped}\n`);
  process.exitCode = 'lib' in got ? 0 : 3;
}
