"""Makes every topic before a worker starts: one that starts first would sit with stale metadata."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from schemas.topics import TOPICS
from streams.settings import Settings


async def create_topics(settings: Settings) -> list[str]:
    """Create what is missing; returns the names of those made now.

    Raises `aiokafka.errors.KafkaError` when the broker refuses or cannot be reached.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_broker)
    await admin.start()
    try:
        wanted = [
            NewTopic(
                topic.name, settings.partitions, settings.replication, topic_configs=topic.config
            )
            for topic in TOPICS
        ]
        answer = await admin.create_topics(wanted)
    finally:
        await admin.close()
    made = []
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            made.append(name)
        elif error is not TopicAlreadyExistsError:
            raise error(name)
    return made
