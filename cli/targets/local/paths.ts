import path from 'node:path';

/** Where an environment keeps what it knows; all absolute. Only `data` is worth anything, the rest is made again. */
export interface Paths {
  /** The project's root: the folder of todoctl.yaml. */
  root: string;
  /** `<root>/.todoctl`, shared by the environments of a project. */
  home: string;
  /** `<root>/.todoctl/<environment>`. */
  state: string;
  /** Beside the state, so that whoever removes the state can hold it. */
  lock: string;
  ports: string;
  secrets: string;
  /** Configuration files of the processes. */
  config: string;
  /** Rendered Dapr files, and the secrets that they refer to. */
  dapr: string;
  data: string;
  postgres: string;
  broker: string;
  logs: string;
  /** Bundles of the project's services, and Node's compile cache. */
  build: string;
}

export function pathsOf(root: string, environment: string): Paths {
  const home = path.join(root, '.todoctl');
  const state = path.join(home, environment);
  const data = path.join(state, 'data');
  return {
    root,
    home,
    state,
    lock: path.join(home, `${environment}.lock`),
    ports: path.join(state, 'ports.json'),
    secrets: path.join(state, 'secrets'),
    config: path.join(state, 'config'),
    dapr: path.join(state, 'dapr'),
    data,
    postgres: path.join(data, 'postgres'),
    broker: path.join(data, 'broker'),
    logs: path.join(state, 'logs'),
    build: path.join(state, 'build'),
  };
}
