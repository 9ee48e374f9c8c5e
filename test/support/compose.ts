import { parse } from 'yaml';

/** A file of Docker Compose, as far as ours go. */
export interface ComposeFile {
  name: string;
  services: Record<string, ComposeService>;
  volumes?: Record<string, object>;
  configs?: Record<string, { content?: string }>;
  secrets?: Record<string, { file?: string }>;
}

export interface ComposeService {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  configs?: { source: string; target: string }[];
  secrets?: string[];
  network_mode?: string;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  restart?: string;
  [key: string]: unknown;
}

/** Keys of the Compose Specification that files of ours may use; one that is not here is a mistake until somebody has looked it up. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  file: ['name', 'services', 'volumes', 'configs', 'secrets', 'networks'],
  service: [
    'image', 'build', 'command', 'entrypoint', 'environment', 'ports', 'volumes', 'configs', 'secrets', 'network_mode', 'networks', 'depends_on', 'healthcheck', 'restart',
    'read_only', 'tmpfs', 'cap_drop', 'security_opt', 'user', 'init', 'stop_grace_period', 'working_dir',
  ],
  build: ['context', 'dockerfile', 'target', 'args'],
  healthcheck: ['test', 'interval', 'timeout', 'retries', 'start_period', 'start_interval', 'disable'],
  depends_on: ['condition', 'required', 'restart'],
  config: ['content', 'file', 'environment', 'external', 'name'],
  secret: ['file', 'environment', 'external', 'name'],
};
const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'];

export function readCompose(text: string): ComposeFile {
  return parse(text) as ComposeFile;
}

/** What is wrong with a file, each mistake with its place: unknown keys, references to what is not there, circles, services of which nobody knows whether they are well. */
export function composeMistakes(file: ComposeFile): string[] {
  return [
    ...unknown('file', file, 'file'),
    ...Object.entries(file.configs ?? {}).flatMap(([name, config]) => unknown('config', config, `configs.${name}`)),
    ...Object.entries(file.secrets ?? {}).flatMap(([name, secret]) => unknown('secret', secret, `secrets.${name}`)),
    ...Object.entries(file.services).flatMap(([name, service]) => serviceMistakes(file, name, service)),
    ...circles(file),
  ];
}

/** Every name of a variable that Compose is to fill in, with what stands behind it. */
export function variablesOf(text: string): { name: string; rest: string }[] {
  return [...text.replaceAll('$$', '').matchAll(/\$\{([A-Z_]+)([^}]*)\}/g)].map(([, name = '', rest = '']) => ({ name, rest }));
}

function serviceMistakes(file: ComposeFile, name: string, service: ComposeService): string[] {
  const at = `services.${name}`;
  const lacking = (kind: string, wanted: string | undefined, there: object | undefined): string[] => (wanted !== undefined && wanted in (there ?? {}) ? [] : [`${at} has no ${kind} ${wanted}`]);
  const dependsOn = Object.entries(service.depends_on ?? {});
  const shared = service.network_mode?.replace(/^service:/, '');
  return [
    ...unknown('service', service, at),
    ...unknown('build', service['build'] ?? {}, `${at}.build`),
    ...unknown('healthcheck', service.healthcheck ?? {}, `${at}.healthcheck`),
    ...dependsOn.flatMap(([other, how]) => [
      ...unknown('depends_on', how, `${at}.depends_on.${other}`),
      ...lacking('service', other, file.services),
      ...(CONDITIONS.includes(how.condition) ? [] : [`${at} waits for ${how.condition}`]),
      ...(how.condition === 'service_healthy' && !file.services[other]?.healthcheck?.test ? [`${at} waits for the health of ${other}, which has none`] : []),
      ...(how.condition === 'service_completed_successfully' && file.services[other]?.restart !== 'no' ? [`${at} waits for the end of ${other}, which begins again`] : []),
    ]),
    ...(shared === undefined ? [] : lacking('service', shared, file.services)),
    ...(service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '').filter((source) => !/^[./~]/.test(source)).flatMap((source) => lacking('volume', source, file.volumes)),
    ...(service.configs ?? []).flatMap(({ source }) => lacking('config', source, file.configs)),
    ...(service.secrets ?? []).flatMap((secret) => lacking('secret', secret, file.secrets)),
    ...(service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:')).map((port) => `${at} opens ${port} to everyone`),
    ...(known(file, service) ? [] : [`${at} has no healthcheck and does not end`]),
  ];
}

/** It has a healthcheck, it ends, or the healthcheck of whose network it shares asks for it too. */
function known(file: ComposeFile, { healthcheck, restart, network_mode: mode }: ComposeService): boolean {
  const host = mode === undefined ? undefined : file.services[mode.replace(/^service:/, '')];
  return healthcheck?.test !== undefined || restart === 'no' || host?.healthcheck?.test?.some((part) => part.includes(':3500/')) === true;
}

function circles({ services }: ComposeFile): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (name: string, above: readonly string[]): void => {
    if (above.includes(name)) found.push(`services wait for each other: ${[...above, name].join(' → ')}`);
    if (done.has(name) || above.includes(name)) return;
    for (const other of Object.keys(services[name]?.depends_on ?? {})) visit(other, [...above, name]);
    done.add(name);
  };
  for (const name of Object.keys(services)) visit(name, []);
  return found;
}

function unknown(kind: string, value: object, at: string): string[] {
  return Object.keys(value).filter((key) => !KEYS[kind]?.includes(key)).map((key) => `${at}.${key} is unknown`);
}
