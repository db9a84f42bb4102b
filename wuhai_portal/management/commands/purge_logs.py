from datetime import date, datetime, time, timedelta

from axes.models import AccessAttempt
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from gazette.models import EventKind, SecurityEvent
from gazette.security import record_event

KEPT_DAYS = 180


class Command(BaseCommand):
    help = f"清理到期的安全日志；最近 {KEPT_DAYS} 天的一律保留。"

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--before", metavar="DAY", help="清理这一天以前的，例如 2024-01-01；当天的保留")
        which.add_argument("--days", metavar="N", help="保留最近多少天的")

    def handle(self, *, before, days, **options):
        day = self.day_of(before, days)
        latest = timezone.localdate() - timedelta(days=KEPT_DAYS)
        if day > latest:
            raise CommandError(
                f"安全日志至少保存 {KEPT_DAYS} 天，{day} 以前的不能全部清理；最晚可以写 --before {latest}"
                f" 或 --days {KEPT_DAYS}。没有清理任何日志。"
            )
        moment = timezone.make_aware(datetime.combine(day, time.min))
        with transaction.atomic():
            events = SecurityEvent.objects.all().purge(moment)
            attempts, _by_model = AccessAttempt.objects.filter(attempt_time__lt=moment).delete()
            said = f"清理了 {day} 以前的安全日志 {events} 条、登录失败计数 {attempts} 条"
            record_event(EventKind.PURGED, said)
        self.stdout.write(f"{said}。")

    def day_of(self, before, days):
        """The first day that is kept."""
        if before is not None:
            try:
                return date.fromisoformat(before)
            except ValueError:
                raise CommandError(f"--before 的值是 {before!r}；请写日期，例如 2024-01-01。") from None
        if not days.isdecimal() or not days.isascii() or len(days) > 5:
            raise CommandError(f"--days 的值是 {days!r}；请写整数。")
        return timezone.localdate() - timedelta(days=int(days))
