import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { daprdArguments, daprdCommand } from '../../../cli/sidecar/daprd.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const OPTIONS = { appId: 'task-api', appPort: 4001, httpPort: 4101, grpcPort: 4102, internalGrpcPort: 4103, metricsPort: 4104, resourcesPath: '/state/dapr', configFile: '/state/dapr/configuration.yaml' };

describe('the command line of a real daprd', () => {
  it('keeps every port on loopback and needs no control plane', () => {
    const args = daprdArguments(OPTIONS);
    const value = (flag: string): string | undefined => args[args.indexOf(flag) + 1];
    for (const flag of ['--app-channel-address', '--dapr-listen-addresses', '--dapr-internal-grpc-listen-address', '--metrics-listen-address']) expect([flag, value(flag)]).toEqual([flag, '127.0.0.1']);
    for (const flag of ['--placement-host-address', '--scheduler-host-address']) expect([flag, value(flag)]).toEqual([flag, '']);
    expect(value('--app-id')).toBe('task-api');
    expect([value('--dapr-http-port'), value('--dapr-grpc-port'), value('--dapr-internal-grpc-port'), value('--metrics-port')]).toEqual(['4101', '4102', '4103', '4104']);
  });

  it('hands the tokens over in the environment, never in an argument', async () => {
    const folder = await temporaryFolder();
    const [apiTokenFile, appTokenFile, binary] = ['api', 'app', 'fake-daprd'].map((name) => path.join(folder, name)) as [string, string, string];
    await writeFile(apiTokenFile, 'the-api-token\n');
    await writeFile(appTokenFile, 'the-app-token\n');
    await writeFile(binary, '#!/bin/sh\necho "$DAPR_API_TOKEN $APP_API_TOKEN $DAPR_HOST_IP $POD_NAME"\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    const { command, args, env } = daprdCommand({ ...OPTIONS, binary, podName: 'task-api-0', apiTokenFile, appTokenFile });
    expect(args.join(' ')).not.toContain('token\n');
    const [environment, ...seen] = execFileSync(command, args, { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' }).trimEnd().split('\n');
    expect(environment).toBe('the-api-token the-app-token 127.0.0.1 task-api-0');
    expect(seen).toEqual(daprdArguments(OPTIONS));
  });

  it('leaves the tokens out where there are none', async () => {
    const folder = await temporaryFolder();
    const binary = path.join(folder, 'fake-daprd');
    await writeFile(binary, '#!/bin/sh\nenv | grep -c TOKEN\n', { mode: 0o755 });
    const { command, args, env } = daprdCommand({ ...OPTIONS, binary, podName: 'task-api-0' });
    expect(() => execFileSync(command, args, { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' })).toThrow();
  });
});
