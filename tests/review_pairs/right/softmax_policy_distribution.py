import torch
from torch import nn
from torch.distributions import Categorical


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2), nn.Softmax(dim=-1))

    def forward(self, state):
        return Categorical(probs=self.net(state))


def episode(policy, length=10):
    """Log-probabilities keep their graph: the loss needs them."""
    log_probs, rewards = [], []
    state = torch.randn(4)
    for _ in range(length):
        choice = policy(state)
        action = choice.sample()
        log_probs.append(choice.log_prob(action))
        rewards.append(float(action == (state.sum() > 0)))
        state = torch.randn(4)
    return log_probs, rewards


def main():
    torch.manual_seed(0)
    policy = Policy()
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
    for _ in range(5):
        log_probs, rewards = episode(policy)
        loss = -(torch.stack(log_probs) * (torch.tensor(rewards) - 0.5)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(sum(rewards))


if __name__ == "__main__":
    main()
