// Stands in for Strimzi's operators, outside of the cluster. Ends when it is told to, or when whoever holds its stdin is gone.
// Run: node test/simulators/strimzi/main.ts KUBECONFIG (pods IMAGE | instant | slow MS | never)
import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { startStrimzi, type StrimziOptions } from './strimzi.ts';

const [kubeconfig = '', is = '', what = ''] = process.argv.slice(2);
const MODES: Readonly<Record<string, StrimziOptions['mode']>> = { pods: { is: 'pods', image: what }, instant: { is: 'instant' }, slow: { is: 'slow', ms: Number(what) }, never: { is: 'never' } };
const mode = MODES[is];
if (kubeconfig === '' || !mode) {
  process.stderr.write('usage: main.ts KUBECONFIG (pods IMAGE | instant | slow MS | never)\n');
  process.exit(2);
}

const strimzi = await startStrimzi({ kubeconfig, mode, log: (line) => process.stderr.write(line) });
process.stdout.write('ready\n');
// /dev/null ends at once and nobody holds it.
const stdin = fstatSync(0);
const held = stdin.isFIFO() || stdin.isSocket() ? [once(process.stdin.resume(), 'end')] : [];
await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT'), ...held]);
await strimzi.stop();
process.exit(0);
