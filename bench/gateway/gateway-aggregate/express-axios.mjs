// What most teams write: Express, and axios with keep-alive for the three calls.
import { Agent } from 'node:http';
import axios from 'axios';
import express from 'express';

const client = axios.create({
  baseURL: process.env.BACKENDS,
  httpAgent: new Agent({ keepAlive: true }),
  timeout: 2000,
});
const app = express();

app.get('/invoices/:id', async (request, response) => {
  const { id } = request.params;
  const [order, customer, reviews] = await Promise.all([
    client.get(`/order/${id}`),
    client.get(`/customer/${id}`),
    client.get(`/reviews/${id}`),
  ]);
  response.json({ order: order.data, customer: customer.data, reviews: reviews.data });
});
app.listen(Number(process.env.PORT), '127.0.0.1');
