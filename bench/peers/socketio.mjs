// A broadcast over the npm package socket.io: what one client says, all others get.
import { Server } from 'socket.io';

const server = new Server(Number(process.argv[2]), { transports: ['websocket'], perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('m', (text) => socket.broadcast.emit('m', text));
});
console.log('ready');
