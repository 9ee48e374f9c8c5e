import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { getApacheKafka } from '../../tools/kafka/get.ts';
import type { Image } from './image-archive.ts';
import { folderFiles, librariesOf, programFiles } from './libraries.ts';

/** Apache Kafka 4.3.1 with the Java of this machine; the console tools are among its jars: `java -cp '/opt/kafka/libs/*' kafka.admin…`. */
export const KAFKA_IMAGE = 'localhost/kafka:4.3.1';

const HOME = '/opt/java';
/** What of a JDK no program needs to run. */
const UNNEEDED = /\/(?:src\.zip|ct\.sym|jmods|man|legal|docs|include|lib\/security\/blacklisted.*)$/;

export function kafkaImage(): Image | { skipped: string } {
  const kafka = getApacheKafka();
  if ('skipped' in kafka) return kafka;
  const java = realpathSync(spawnSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' }).stdout.trim());
  const home = path.resolve(java, '../..');
  const runtime = { ...folderFiles(path.join(home, 'lib'), `${HOME}/lib`, (file) => !UNNEEDED.test(file)), ...folderFiles(path.join(home, 'conf'), `${HOME}/conf`), [`${HOME}/bin/java`]: java };
  const native = Object.values(runtime).filter((file) => file.endsWith('.so') || file === java);
  // Those of Java itself come with its folder, and are found from there.
  const libraries = Object.fromEntries(Object.entries(librariesOf(native)).filter(([at]) => !at.startsWith(home)));
  return { names: [KAFKA_IMAGE], files: { ...programFiles(['sh', 'cat', 'sleep']), ...libraries, ...runtime, ...folderFiles(kafka.lib, '/opt/kafka/libs') }, env: [`PATH=${HOME}/bin:/bin`, `JAVA_HOME=${HOME}`] };
}
