import { closeSync, fdatasync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

/** One open file of the data directory. Reads and writes name their position; nothing depends on a cursor. */
export interface LogFile {
  readonly path: string;
  size(): number;
  /** Fills `into` from `position`; returns how many bytes there were. */
  read(into: Buffer, position: number): number;
  /** Writes all of `bytes` at `position` or throws. */
  write(bytes: Buffer, position: number): void;
  truncate(length: number): void;
  sync(): void;
  /** The same without holding up the event loop. */
  syncSoon(): Promise<void>;
  close(): void;
}

/**
 * The broker's way to the disk, a port so that tests can fill it up. Reads and writes are synchronous: they go to and from the
 * page cache, where the copy is cheaper than a hop through the thread pool, and an append is then atomic by itself.
 */
export interface Files {
  open(path: string): LogFile;
  /** Replaces a small file: whole before or whole after, also when the power goes. */
  replace(path: string, content: string): void;
}

const syncData = promisify(fdatasync);

export const diskFiles: Files = {
  open: openFile,
  replace: (path, content) => {
    const draft = `${path}.draft`;
    const fd = openSync(draft, 'w', 0o600);
    try {
      writeAll(fd, Buffer.from(content), 0);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  },
};

const READ_WRITE_CREATE = 0o102;

function openFile(path: string): LogFile {
  // Not 'a+': on Linux a file opened for appending ignores the position of a write.
  const fd = openSync(path, READ_WRITE_CREATE, 0o600);
  let syncing = 0;
  let closed = false;
  return {
    path,
    size: () => fstatSync(fd).size,
    read: (into, position) => readFully(fd, into, position),
    write: (bytes, position) => writeAll(fd, bytes, position),
    truncate: (length) => ftruncateSync(fd, length),
    sync: () => fdatasyncSync(fd),
    // A descriptor that is closed under a running sync may by then be another file's.
    syncSoon: async () => {
      syncing++;
      try {
        await syncData(fd);
      } finally {
        syncing--;
        if (closed && syncing === 0) closeSync(fd);
      }
    },
    close: () => {
      closed = true;
      if (syncing === 0) closeSync(fd);
    },
  };
}

function readFully(fd: number, into: Buffer, position: number): number {
  let done = 0;
  while (done < into.length) {
    const read = readSync(fd, into, done, into.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}
