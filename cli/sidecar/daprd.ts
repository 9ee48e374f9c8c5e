/** What one real daprd of a local environment needs. All ports are on loopback. */
export interface DaprdOptions {
  binary: string;
  appId: string;
  /** Fills `{podName}`. */
  podName: string;
  appPort: number;
  httpPort: number;
  grpcPort: number;
  internalGrpcPort: number;
  metricsPort: number;
  resourcesPath: string;
  configFile: string;
  logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** Files with the tokens: daprd takes them by environment variable only. */
  apiTokenFile?: string;
  appTokenFile?: string;
}

const HOST = '127.0.0.1';

/** The arguments of a real daprd (1.18) that keeps to loopback and needs no control plane. */
export function daprdArguments(options: Omit<DaprdOptions, 'binary' | 'podName' | 'apiTokenFile' | 'appTokenFile'>): string[] {
  const { appId, appPort, httpPort, grpcPort, internalGrpcPort, metricsPort, resourcesPath, configFile, logLevel = 'info' } = options;
  return [
    ['--mode', 'standalone'],
    ['--app-id', appId],
    ['--app-port', String(appPort)],
    ['--app-protocol', 'http'],
    ['--app-channel-address', HOST],
    ['--dapr-listen-addresses', HOST],
    ['--dapr-http-port', String(httpPort)],
    ['--dapr-grpc-port', String(grpcPort)],
    ['--dapr-internal-grpc-listen-address', HOST],
    ['--dapr-internal-grpc-port', String(internalGrpcPort)],
    ['--metrics-listen-address', HOST],
    ['--metrics-port', String(metricsPort)],
    ['--resources-path', resourcesPath],
    ['--config', configFile],
    // Without a value daprd looks for a control plane.
    ['--placement-host-address', ''],
    ['--scheduler-host-address', ''],
    // No service has actors or programmatic subscriptions: nobody need answer GET /dapr/config.
    ['--disable-init-endpoints', 'config'],
    ['--log-level', logLevel],
  ].flat().concat('--log-as-json');
}

/** The environment of a real daprd: the address under which others reach it, and its replica. */
function daprdEnvironment({ podName }: { podName: string }): Record<string, string> {
  return { DAPR_HOST_IP: HOST, POD_NAME: podName };
}

// $1 and $2 are the token files or empty; exec leaves daprd in the shell's place, so that signals reach it.
const WITH_TOKENS = '[ -z "$1" ] || export DAPR_API_TOKEN="$(cat "$1")"; [ -z "$2" ] || export APP_API_TOKEN="$(cat "$2")"; shift 2; exec "$@"';

/** The whole command of a real daprd. The tokens go from their files into its environment; they never stand in an argument. */
export function daprdCommand(options: DaprdOptions): { command: string; args: string[]; env: Record<string, string> } {
  const { binary, apiTokenFile = '', appTokenFile = '' } = options;
  return {
    command: '/bin/sh',
    args: ['-c', WITH_TOKENS, 'daprd', apiTokenFile, appTokenFile, binary, ...daprdArguments(options)],
    env: daprdEnvironment(options),
  };
}
