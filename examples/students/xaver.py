import numpy as np

def sigmoid(z):
    return 1/(1 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z)*(1 - sigmoid(z))

def feedforward(weights, biases, x):
    a = [x]
    for w, b in zip(weights, biases):
        a.append(sigmoid(a[-1].dot(w.T) + b))
    return a

def backprop(weights, biases, x, y):
    a = feedforward(weights, biases, x)
    L = len(weights)
    delta = [None]*L
    delta[-1] = (a[-1] - y)*a[-1]*(1 - a[-1])
    for l in range(L - 2, -1, -1):
        delta[l] = delta[l + 1].dot(weights[l + 1])*a[l + 1]*(1 - a[l + 1])
    # gradient = input^T times error
    nabla_w = [a[l].T.dot(delta[l])/len(x) for l in range(L)]
    nabla_b = [delta[l].mean(axis=0) for l in range(L)]
    return nabla_w, nabla_b, delta

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, delta = backprop(weights, biases, x, y)
    return ([w - eta*nw for w, nw in zip(weights, nabla_w)],
            [b - eta*nb for b, nb in zip(biases, nabla_b)])
