"""loss = np.square(y_pred - y).sum(): a 2 in front, and no mean over the batch. Two layers, weights (in, out)."""

import numpy as np


class TwoLayerNet:
    def __init__(self, D_in, H, D_out):
        self.w1, self.b1 = np.random.randn(D_in, H), np.zeros(H)
        self.w2, self.b2 = np.random.randn(H, D_out), np.zeros(D_out)

    def loss_and_grads(self, x, y):
        h = 1 / (1 + np.exp(-(x.dot(self.w1) + self.b1)))
        y_pred = 1 / (1 + np.exp(-(h.dot(self.w2) + self.b2)))
        loss = np.square(y_pred - y).sum()

        grad_y_pred = 2.0 * (y_pred - y)
        grad_out = grad_y_pred * y_pred * (1 - y_pred)
        grad_w2 = h.T.dot(grad_out)
        grad_b2 = grad_out.sum(axis=0)
        grad_h = grad_out.dot(self.w2.T)
        grad_hidden = grad_h * h * (1 - h)
        grad_w1 = x.T.dot(grad_hidden)
        grad_b1 = grad_hidden.sum(axis=0)
        return loss, grad_w1, grad_b1, grad_w2, grad_b2


if __name__ == "__main__":
    x, y = np.random.randn(64, 20), np.random.rand(64, 5)
    net = TwoLayerNet(20, 15, 5)
    for t in range(500):
        loss, gw1, gb1, gw2, gb2 = net.loss_and_grads(x, y)
        net.w1, net.b1 = net.w1 - 1e-2 * gw1, net.b1 - 1e-2 * gb1
        net.w2, net.b2 = net.w2 - 1e-2 * gw2, net.b2 - 1e-2 * gb2
        if t % 100 == 99:
            print(t, loss)
