import net, { type AddressInfo } from 'node:net';

/** A relay of connections before a server, as a load balancer is: it can be shut, which ends those that there are. */
export interface Door {
  port: number;
  open(is: boolean): void;
  close(): void;
}

export interface Place {
  host: string;
  port: number;
}

/** Listens on loopback and a free port unless told where. */
export async function openDoor(to: Place, { host, port }: Place = { host: '127.0.0.1', port: 0 }): Promise<Door> {
  let isOpen = true;
  const sockets = new Set<net.Socket>();
  const door = net.createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy()));
    if (!isOpen) return void socket.destroy();
    const onward = net.connect(to.port, to.host).on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve, reject) => void door.once('error', reject).listen(port, host, resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: (door.address() as AddressInfo).port,
    open(is) {
      isOpen = is;
      if (!is) cut();
    },
    close() {
      cut();
      door.close();
    },
  };
}
