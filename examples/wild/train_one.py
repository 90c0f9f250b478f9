"""The class of the many tutorials: one record at a time, three layers, train() changes wih and who. No biases."""

import numpy as np


class neuralNetwork:
    def __init__(self, inputnodes, hiddennodes, outputnodes, learningrate):
        self.lr = learningrate
        self.wih = np.random.normal(0.0, inputnodes**-0.5, (hiddennodes, inputnodes))
        self.who = np.random.normal(0.0, hiddennodes**-0.5, (outputnodes, hiddennodes))
        self.activation_function = lambda x: 1 / (1 + np.exp(-x))

    def train(self, inputs_list, targets_list):
        inputs = np.array(inputs_list, ndmin=2).T
        targets = np.array(targets_list, ndmin=2).T

        hidden_outputs = self.activation_function(np.dot(self.wih, inputs))
        final_outputs = self.activation_function(np.dot(self.who, hidden_outputs))

        output_errors = targets - final_outputs
        output_grad = output_errors * final_outputs * (1.0 - final_outputs)
        hidden_errors = np.dot(self.who.T, output_grad)
        hidden_grad = hidden_errors * hidden_outputs * (1.0 - hidden_outputs)

        self.who = self.who + self.lr * np.dot(output_grad, hidden_outputs.T)
        self.wih = self.wih + self.lr * np.dot(hidden_grad, inputs.T)

    def query(self, inputs_list):
        inputs = np.array(inputs_list, ndmin=2).T
        hidden_outputs = self.activation_function(np.dot(self.wih, inputs))
        return self.activation_function(np.dot(self.who, hidden_outputs))


if __name__ == "__main__":
    n = neuralNetwork(3, 4, 2, 0.3)
    for _ in range(2000):
        n.train([0.9, 0.1, 0.8], [0.99, 0.01])
    print(n.query([0.9, 0.1, 0.8]))
