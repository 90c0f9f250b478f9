"""The reference: the same network as a torch.nn module, its gradients by autograd, its steps by torch.optim.

Imports torch and never scratch. Arrays go in and out as NumPy arrays, copied at the border.
"""
