// A broadcast over the npm package ws: what one client says, all others get.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const text = data.toString();
    for (const client of server.clients) if (client !== socket) client.send(text);
  });
});
server.on('listening', () => console.log('ready'));
