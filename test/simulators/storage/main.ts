// Stands in for DigitalOcean's driver of block storage on a real node: a claim gets a folder of this machine, which goes with its volume.
// Run: node test/simulators/storage/main.ts KUBECONFIG FOLDER
import { setTimeout as pause } from 'node:timers/promises';
import { openApi } from './api.ts';
import { reconcile } from './provisioner.ts';

const [kubeconfig = '', folder = ''] = process.argv.slice(2);
const api = openApi(kubeconfig);

let asked = false;
let working = false;

// However many events come while it works, it looks once more.
function look(): void {
  asked = true;
  if (!working) void work();
}

async function work(): Promise<void> {
  working = true;
  while (asked) {
    asked = false;
    await reconcile(api, folder).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  }
  working = false;
}

async function follow(path: string): Promise<never> {
  for (;;) {
    await api.watch(`${path}?watch=true`, look).catch((error: unknown) => process.stderr.write(`${path}: ${String(error)}\n`));
    await pause(200);
  }
}

await Promise.all(['/api/v1/persistentvolumeclaims', '/api/v1/persistentvolumes'].map(follow));
