"""What Celery workers import when they start, told by ``[celery] extra_celery_config``: their tasks find it there."""

from wrike_provider.preload import load

load()
