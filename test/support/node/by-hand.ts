// Starts a real node with everything, for trying things by hand, and ends it at Ctrl-C. As root:
// node test/support/node/by-hand.ts
import { once } from 'node:events';
import { installDapr } from './dapr.ts';
import { startDocker } from './docker.ts';
import { installMetricsServer } from './metrics-server.ts';
import { nodeImageArchive } from './node-image.ts';
import { startNode } from './node.ts';
import { startRegistry } from './registry.ts';
import { startTraefik } from './traefik.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function got<T extends object>(part: T | { skipped: string }): T {
  if ('skipped' in part) throw new Error(part.skipped);
  return part;
}

const asked = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await using node = got(await startNode());
say(`node       export KUBECONFIG=${node.kubeconfig}    (inside: nsenter --net=/run/netns/${node.ground.netns} …)`);
say(`logs       ${node.ground.logs}`);
say(`registry   ${got(await startRegistry(node)).server}`);
const docker = got(await startDocker(node));
await docker.docker(['load', '--input', await nodeImageArchive()]);
say(`docker     export DOCKER_HOST=${docker.env.DOCKER_HOST}    (base image: localhost/node:26)`);
const door = got(await startTraefik(node));
say(`gateway    http://${door.address}    (GatewayClass ${door.gatewayClass})`);
got(await installMetricsServer(node));
say('metrics    kubectl top pods -A');
const dapr = got(await installDapr(node));
say(`dapr       ${dapr.version} in dapr-system`);
say('Ready. Ctrl-C ends it.');
await asked;
